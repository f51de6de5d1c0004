using System.Text.Json;

namespace DenseConnector.Cli.Tests.Evaluation;

/// <summary>
/// The golden data of the benchmarks: <c>tests/Fixtures/evaluation</c>, unless <c>DENSECONNECTOR_EVALUATION</c> names
/// another folder of the same layout.
/// </summary>
internal static class EvaluationData
{
    private const string Variable = "DENSECONNECTOR_EVALUATION";

    private static readonly string Folder = Find();

    public static string PathOf(params string[] parts) => Path.Combine([Folder, .. parts]);

    /// <summary>A file that is one JSON value.</summary>
    public static JsonElement Read(params string[] parts) => JsonElement.Parse(File.ReadAllText(PathOf(parts)));

    /// <summary>A file of one JSON value on each line, of which there is at least one.</summary>
    public static IReadOnlyList<JsonElement> ReadLines(params string[] parts)
    {
        JsonElement[] rows = [.. File.ReadLines(PathOf(parts)).Select(line => JsonElement.Parse(line))];
        Assert.NotEmpty(rows);
        return rows;
    }

    /// <summary>A text, or <c>null</c> for null.</summary>
    public static string? TextOrNull(this JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? null : value.GetString();

    /// <summary>The texts of a list.</summary>
    public static string[] Texts(this JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    private static string Find()
    {
        string? named = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(named))
        {
            return Path.Combine(ToolRun.Root, "tests", "Fixtures", "evaluation");
        }

        // Named but empty or unreadable must fail, not pass: the listing throws for an absent folder.
        return Directory.EnumerateFileSystemEntries(named).Any()
            ? Path.GetFullPath(named)
            : throw new DirectoryNotFoundException($"{Variable} names '{named}', which is empty.");
    }
}
