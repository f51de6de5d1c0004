using System.Text.Json.Nodes;

namespace DenseConnector.Cli.Evaluation.MmBench;

/// <summary>A question of MMBench.</summary>
/// <param name="Where">The file and the line it begins on.</param>
/// <param name="Index">What names it: a number, as a rule.</param>
/// <param name="Question">The question, behind its hint if it has one.</param>
/// <param name="Options">What there is to choose from.</param>
/// <param name="Image">The picture as base64; <c>null</c> if there is none.</param>
/// <param name="Answer">The right letter; <c>null</c> where only the server knows it.</param>
internal sealed record MmBenchQuestion(
    string Where, JsonNode? Index, string Question, IReadOnlyList<string> Options, string? Image, string? Answer)
{
    private const string Truth = "answer";

    /// <summary>The letters of options, in their order; each has a column of its own.</summary>
    public static IReadOnlyList<string> Letters { get; } = ["A", "B", "C", "D"];

    /// <summary>Reads the questions of a file in their order.</summary>
    /// <exception cref="IOException">The file cannot be read or lacks something.</exception>
    public static IReadOnlyList<MmBenchQuestion> Read(string file)
    {
        string[] names = ["index", "question", "hint", "image", Truth, .. Letters];
        MmBenchTable table = MmBenchTable.Read(file, names.Contains);
        IReadOnlyList<JsonNode?> indices = MmBenchColumn.Read(table.Column("index"));
        IReadOnlyList<string?> questions = table.Column("question");
        IReadOnlyList<string?> hints = table.Column("hint");
        IReadOnlyList<string?> images = table.Column("image");
        IReadOnlyList<string?>? answers = table.Columns.Contains(Truth) ? table.Column(Truth) : null;
        IReadOnlyList<string?>[] options = [.. Letters.Select(table.Column)];
        return [.. Enumerable.Range(0, table.Count).Select(row => new MmBenchQuestion(
            table.Where(row),
            indices[row],
            Join(hints[row], questions[row] ?? throw new IOException($"{table.Where(row)}: the question is missing.")),
            [.. options.Select(column => column[row]).TakeWhile(IsThere).OfType<string>()],
            images[row],
            answers?[row]))];
    }

    /// <summary>The bytes of the picture file.</summary>
    /// <exception cref="IOException">There is none, or its base64 is broken.</exception>
    public byte[] ReadPicture()
    {
        try
        {
            return MmBenchPicture.Decode(Image ?? throw new IOException($"{Where}: the picture is missing."));
        }
        catch (FormatException e)
        {
            throw new IOException($"{Where}: the picture is broken base64.", e);
        }
    }

    private static string Join(string? hint, string question) => IsThere(hint) ? $"{hint}\n{question}" : question;

    /// <summary>Whether a field says something: these words mean that it does not.</summary>
    private static bool IsThere(string? text) =>
        text is not null &&
        !text.Equals("nan", StringComparison.OrdinalIgnoreCase) &&
        !text.Equals("none", StringComparison.OrdinalIgnoreCase);
}
