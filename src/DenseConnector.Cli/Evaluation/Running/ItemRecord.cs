using System.Text.Json;

namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>A question, what was answered and what that is worth, as reports show it.</summary>
/// <param name="Index">The place of the question in its file.</param>
/// <param name="Name">Its name.</param>
/// <param name="Question">What the model was asked.</param>
/// <param name="Picture">The file of its picture; <c>null</c> without one.</param>
/// <param name="Answer">The answer; <c>null</c> if there is none.</param>
/// <param name="Verdict">What it is worth; <c>null</c> where that is not decided for each answer.</param>
internal sealed record ItemRecord(
    int Index, string Name, string Question, string? Picture, string? Answer, Verdict? Verdict)
{
    /// <summary>The name of their file in the output folder.</summary>
    public const string FileName = "items.jsonl";

    private const string PictureFolder = "pictures";

    /// <summary>Writes the records of a run; pictures that no file holds are written beside them.</summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="items">All questions.</param>
    /// <param name="texts">The answers by the place of their question.</param>
    public static void WriteAll(
        string folder, IReadOnlyList<EvaluationItem> items, IReadOnlyDictionary<int, IReadOnlyList<string>> texts)
    {
        using StreamWriter writer = new(Path.Combine(folder, FileName));
        foreach ((int index, EvaluationItem item) in items.Index())
        {
            IReadOnlyList<string>? answer = texts.GetValueOrDefault(index);
            ItemRecord record = new(
                index,
                item.Name,
                Join(item.Questions),
                PictureOf(folder, index, item.Visual),
                answer is null ? null : Join(answer),
                answer is null ? null : item.Judge?.Invoke(answer[0]));
            record.Write(writer);
        }
    }

    /// <summary>Adds what only scoring could decide.</summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="verdicts">What answers are worth, by the name of their item.</param>
    /// <exception cref="IOException">The records cannot be read or written.</exception>
    public static void Decide(string folder, IReadOnlyDictionary<string, Verdict> verdicts)
    {
        ItemRecord[] records = [.. ReadAll(folder)];
        using StreamWriter writer = new(Path.Combine(folder, FileName));
        foreach (ItemRecord record in records)
        {
            Verdict? verdict = verdicts.GetValueOrDefault(record.Name) ?? record.Verdict;
            (record with { Verdict = verdict }).Write(writer);
        }
    }

    /// <summary>Reads the records of a folder; none if it has no such file.</summary>
    /// <exception cref="IOException">A line cannot be read.</exception>
    public static IEnumerable<ItemRecord> ReadAll(string folder)
    {
        string file = Path.Combine(folder, FileName);
        return File.Exists(file) ? File.ReadLines(file).Select((line, i) => Read(file, i + 1, line)) : [];
    }

    private void Write(StreamWriter writer) => writer.Write(JsonSerializer.Serialize(this, ToolJson.Line) + "\n");

    private static string Join(IReadOnlyList<string> texts) => string.Join('\n', texts);

    private static string? PictureOf(string folder, int index, VisualSource? visual)
    {
        if (visual is PictureFile file)
        {
            return Path.GetFullPath(file.Path);
        }

        if (visual is not PictureBytes picture)
        {
            return null;
        }

        string path = Path.GetFullPath(Path.Combine(folder, PictureFolder, FormattableString.Invariant($"{index}")));
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, picture.Read().Span);
        }

        return path;
    }

    private static ItemRecord Read(string file, int number, string line)
    {
        try
        {
            return JsonSerializer.Deserialize<ItemRecord>(line, ToolJson.Line) ??
                throw new IOException($"{file}: line {number} holds nothing.");
        }
        catch (JsonException e)
        {
            throw new IOException($"{file}: line {number} is no record of a question: {e.Message}", e);
        }
    }
}
