namespace DenseConnector.Cli.Tests.Evaluation.Parquet;

/// <summary>The small datasets of <c>tests/Fixtures/parquet</c>, which other programs wrote.</summary>
internal static class ParquetData
{
    /// <summary>The folder.</summary>
    public static string Folder { get; } = Path.Combine(ToolRun.Root, "tests", "Fixtures", "parquet");

    /// <summary>The pictures that the files hold.</summary>
    public static string Pictures { get; } = Path.Combine(ToolRun.Root, "tests", "Fixtures", "tiny-eval", "images");

    /// <summary>The file of MathVista.</summary>
    public static string MathVista { get; } =
        Directory.EnumerateFiles(Path.Combine(Folder, "mathvista", "data"), "*.parquet").Single();

    /// <summary>The rows as JSON lines.</summary>
    public static string Lines(string dataset) => Path.Combine(Folder, $"{dataset}.jsonl");

    /// <summary>The file of one of the other forms.</summary>
    public static string Form(string name) => Path.Combine(Folder, "forms", $"{name}.parquet");
}
