using System.Text.Json;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Data;

/// <summary>Reads the data files of benchmarks: one JSON object, or one on each line.</summary>
internal static class JsonData
{
    /// <summary>Reads a file that is one object.</summary>
    /// <exception cref="IOException">The file cannot be read or is no JSON object.</exception>
    public static JsonRecord Read(string file) => Parse(file, File.ReadAllText(file));

    /// <summary>Reads a file of one object on each line.</summary>
    /// <exception cref="IOException">The file cannot be read, or a line is no JSON object.</exception>
    public static IEnumerable<JsonRecord> ReadLines(string file) =>
        File.ReadLines(file).Select((line, i) => Parse($"{file}: line {i + 1}", line));

    /// <summary>Reads the objects of a file of lines that may have broken off, and counts the broken lines.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<JsonRecord> ReadWholeLines(string file, out int broken)
    {
        List<JsonRecord> whole = [];
        broken = 0;
        foreach ((int index, string line) in File.ReadLines(file).Index())
        {
            try
            {
                whole.Add(Parse($"{file}: line {index + 1}", line));
            }
            catch (IOException)
            {
                broken++;
            }
        }

        return whole;
    }

    /// <summary>Reads an object.</summary>
    /// <param name="where">Where the text stands, for messages.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="IOException">It is no JSON object.</exception>
    public static JsonRecord Parse(string where, string text)
    {
        try
        {
            JsonElement value = JsonElement.Parse(PythonJson.Standard(text));
            return value.ValueKind == JsonValueKind.Object
                ? new JsonRecord(where, value)
                : throw new IOException($"{where} holds a JSON {value.ValueKind}, expected an object.");
        }
        catch (JsonException e)
        {
            throw new IOException($"{where} is no JSON: {e.Message}", e);
        }
    }
}
