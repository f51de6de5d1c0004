using System.Text.Json;

namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>The questions of the latest run that got no answer, and why.</summary>
/// <remarks>It tells people; a run that goes on finds the gaps in the answers themselves.</remarks>
internal sealed class FailureFile : IDisposable
{
    private const string Ending = ".failures.jsonl";

    private readonly string _path;
    private StreamWriter? _writer;

    /// <summary>Forgets the failures of an earlier run.</summary>
    /// <param name="path">The file, which is there only if something failed.</param>
    public FailureFile(string path)
    {
        _path = path;
        File.Delete(path);
    }

    /// <summary>How many failed.</summary>
    public int Count { get; private set; }

    /// <summary>Notes a question.</summary>
    public void Append(EvaluationItem item, int index, string error)
    {
        _writer ??= new StreamWriter(_path) { AutoFlush = true };
        Failure failure = new(index, item.Name, error);
        _writer.Write(JsonSerializer.Serialize(failure, ToolJson.Line) + "\n");
        Count++;
    }

    /// <summary>Why questions of a folder have no answer, by their place; empty if none failed.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IReadOnlyDictionary<int, string> ReadAll(string folder)
    {
        Dictionary<int, string> errors = [];
        foreach (string line in Directory.EnumerateFiles(folder, $"*{Ending}").SelectMany(File.ReadLines))
        {
            try
            {
                if (JsonSerializer.Deserialize<Failure>(line, ToolJson.Line) is { Error: not null } failure)
                {
                    errors[failure.Index] = failure.Error;
                }
            }
            catch (JsonException)
            {
                // The last line of a run that was killed may be cut; the gap among the answers tells of it.
            }
        }

        return errors;
    }

    /// <inheritdoc/>
    public void Dispose() => _writer?.Dispose();

    private sealed record Failure(int Index, string Question, string Error);
}
