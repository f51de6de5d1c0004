using System.Text.Json;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation;

/// <summary>
/// What the official scripts recorded: the copy in <c>tests/Fixtures/evaluation</c>, or the folder that
/// <c>DENSECONNECTOR_EVALUATION</c> names.
/// </summary>
internal static class EvaluationData
{
    private const string Variable = "DENSECONNECTOR_EVALUATION";

    /// <summary>The folder, checked to hold something.</summary>
    public static string Folder { get; } = Find();

    /// <summary>The pictures: of the copy, or of the folder that <c>DENSECONNECTOR_TINY_EVAL</c> names.</summary>
    public static string Images { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("DENSECONNECTOR_TINY_EVAL") is { Length: > 0 } named
            ? named
            : Path.Combine(ToolRun.Root, "tests", "Fixtures", "tiny-eval"),
        "images");

    /// <summary>The path of a file.</summary>
    public static string File(params string[] path) => Path.Combine([Folder, .. path]);

    /// <summary>The text of a file.</summary>
    public static string Text(params string[] path) => System.IO.File.ReadAllText(File(path));

    /// <summary>The value of a file of one.</summary>
    public static JsonElement Value(params string[] path) => JsonElement.Parse(PythonJson.Standard(Text(path)));

    /// <summary>The objects of a file of lines, of which there must be some.</summary>
    public static IReadOnlyList<JsonElement> Rows(params string[] path)
    {
        JsonElement[] rows = [.. System.IO.File.ReadLines(File(path))
            .Select(line => JsonElement.Parse(PythonJson.Standard(line)))];
        Assert.NotEmpty(rows);
        return rows;
    }

    /// <summary>A text of an object.</summary>
    public static string Text(this JsonElement row, string name) => row.GetProperty(name).GetString()!;

    /// <summary>A text, or <c>null</c> for null.</summary>
    public static string? TextOrNull(this JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? null : value.GetString();

    /// <summary>The texts of a list.</summary>
    public static string[] Texts(this JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    private static string Find()
    {
        string? named = Environment.GetEnvironmentVariable(Variable);
        string folder = string.IsNullOrEmpty(named)
            ? Path.Combine(ToolRun.Root, "tests", "Fixtures", "evaluation")
            : Path.GetFullPath(named);

        // Named but empty or unreadable must fail, not pass: the listing throws for an absent folder.
        return Directory.EnumerateFileSystemEntries(folder).Any()
            ? folder
            : throw new DirectoryNotFoundException($"{Variable} names '{folder}', which is empty.");
    }
}
