using System.Text.Json;
using DenseConnector.Cli.Evaluation;

namespace DenseConnector.Cli.Tests.Evaluation;

/// <summary>The recorded run of a benchmark.</summary>
internal static class Goldens
{
    /// <summary>The benchmarks with a recorded file, by name.</summary>
    /// <param name="file">The file, such as the recorded prompts.</param>
    public static TheoryData<string> With(string file) => [.. BenchmarkCatalog.All
        .Where(benchmark => FolderOf(benchmark) is string folder && File.Exists(EvaluationData.File(folder, file)))
        .Select(benchmark => benchmark.Name)];

    /// <summary>A benchmark.</summary>
    public static Benchmark Find(string name) => BenchmarkCatalog.All.Single(benchmark => benchmark.Name == name);

    /// <summary>The recorded lines of a benchmark.</summary>
    public static IReadOnlyList<JsonElement> Rows(Benchmark benchmark, string file) =>
        EvaluationData.Rows(FolderOf(benchmark)!, file);

    /// <summary>The data of a benchmark.</summary>
    public static BenchmarkData Data(Benchmark benchmark) =>
        new(benchmark, EvaluationData.File(FolderOf(benchmark)!), EvaluationData.Images);

    /// <summary>The folder of a benchmark's goldens; <c>null</c> for one that has none of its own.</summary>
    public static string? FolderOf(Benchmark benchmark) => benchmark.Name switch
    {
        "llava-bench" => "llava_bench",
        "mm-vet" => "mmvet",
        string name when name.EndsWith("-all-rounds", StringComparison.Ordinal) => null,
        string name when Directory.Exists(EvaluationData.File(name)) => name,
        _ => null,
    };
}
