using DenseConnector.Cli.Evaluation.Gqa;
using DenseConnector.Cli.Evaluation.MathVista;
using DenseConnector.Cli.Evaluation.Mme;
using DenseConnector.Cli.Evaluation.Mmmu;
using DenseConnector.Cli.Evaluation.Pope;
using DenseConnector.Cli.Evaluation.ScienceQa;
using DenseConnector.Cli.Evaluation.Seed;
using DenseConnector.Cli.Evaluation.TextVqa;
using DenseConnector.Cli.Evaluation.Vqa;

namespace DenseConnector.Cli.Evaluation;

/// <summary>All benchmarks, in the order of the zoo's table, then the others.</summary>
internal static class BenchmarkCatalog
{
    /// <summary>The benchmarks.</summary>
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new TextVqaBenchmark(),
        new ScienceQaBenchmark(),
        new GqaBenchmark(),
        new MmmuBenchmark(),
        new MathVistaBenchmark(),
        new PopeBenchmark(),
        new MmeBenchmark(),
        new VqaV2Benchmark(),
        new VizWizBenchmark(),
        new SeedBenchmark(),
    ];
}
