using DenseConnector.Cli.Evaluation.Gqa;
using DenseConnector.Cli.Evaluation.LlavaBench;
using DenseConnector.Cli.Evaluation.MathVista;
using DenseConnector.Cli.Evaluation.MmBench;
using DenseConnector.Cli.Evaluation.Mme;
using DenseConnector.Cli.Evaluation.Mmmu;
using DenseConnector.Cli.Evaluation.MmVet;
using DenseConnector.Cli.Evaluation.Pope;
using DenseConnector.Cli.Evaluation.ScienceQa;
using DenseConnector.Cli.Evaluation.Seed;
using DenseConnector.Cli.Evaluation.TextVqa;
using DenseConnector.Cli.Evaluation.Video;
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
        new LlavaBenchBenchmark(),
        new MmBenchBenchmark(isChinese: false, isEveryRound: false),
        new MmBenchBenchmark(isChinese: true, isEveryRound: false),
        new MmVetBenchmark(),
        new MmmuBenchmark(),
        new MathVistaBenchmark(),
        new PopeBenchmark(),
        new MmeBenchmark(),
        new VqaV2Benchmark(),
        new VizWizBenchmark(),
        new SeedBenchmark(),
        new MmBenchBenchmark(isChinese: false, isEveryRound: true),
        new MmBenchBenchmark(isChinese: true, isEveryRound: true),
        VideoQaBenchmark.Msvd,
        VideoQaBenchmark.Msrvtt,
        VideoQaBenchmark.ActivityNet,
        .. GenerativeVideoBenchmark.All,
    ];
}
