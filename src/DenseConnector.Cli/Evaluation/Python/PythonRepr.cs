using System.Text;
using System.Text.Json;

namespace DenseConnector.Cli.Evaluation.Python;

/// <summary>Values of a JSON file as Python's <c>str</c> writes them once they are read.</summary>
internal static class PythonRepr
{
    /// <summary>A text as it stands; anything else as Python shows it.</summary>
    public static string Str(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : Of(value);

    private static string Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Quoted(value.GetString()!),
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Of))}]",
        JsonValueKind.Object => "{" + string.Join(", ", value.EnumerateObject()
            .Select(field => $"{Quoted(field.Name)}: {Of(field.Value)}")) + "}",
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        JsonValueKind.Number => PythonJson.Write(value),
        _ => "None",
    };

    private static string Quoted(string text)
    {
        // Double quotes are taken only to spare single ones.
        char quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal)
            ? '"'
            : '\'';
        StringBuilder quoted = new();
        foreach (char c in text)
        {
            quoted.Append(c switch
            {
                '\\' => @"\\",
                '\n' => @"\n",
                '\r' => @"\r",
                '\t' => @"\t",
                _ when c == quote => $@"\{c}",
                < ' ' or '\u007F' => $@"\x{(int)c:x2}",
                _ => c.ToString(),
            });
        }

        return $"{quote}{quoted}{quote}";
    }
}
