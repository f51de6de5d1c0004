using static System.FormattableString;

namespace DenseConnector.Cli.Benchmarking;

/// <summary>What <c>bench</c> measured; parts that were not run are <c>null</c>.</summary>
/// <param name="Model">The model as it was named.</param>
/// <param name="Quantization">The format of the language model's matrices.</param>
/// <param name="Precision">The number format it computes in.</param>
/// <param name="Threads">Threads that compute.</param>
/// <param name="PromptTokens">Tokens read before the first one is made, in <c>prefill</c> and <c>decode</c>.</param>
/// <param name="NewTokens">Tokens made.</param>
/// <param name="Load">Loading; <c>null</c> where the weights are made in memory.</param>
/// <param name="Vision">A picture: encoder, connector, projector.</param>
/// <param name="Prefill">Reading a prompt.</param>
/// <param name="Decode">Making tokens for one request, behind the prompt.</param>
/// <param name="Batch">Making tokens for several requests at once, each behind a prompt.</param>
/// <param name="Answer">Whole answers.</param>
/// <param name="Memory">Memory of the process.</param>
/// <param name="Limits">What the machine can do at most.</param>
internal sealed record BenchmarkReport(
    string Model,
    Quantization Quantization,
    Precision Precision,
    int Threads,
    int PromptTokens,
    int NewTokens,
    BenchmarkReport.LoadPart? Load,
    BenchmarkReport.VisionPart? Vision = null,
    BenchmarkReport.PrefillPart? Prefill = null,
    BenchmarkReport.DecodePart? Decode = null,
    BenchmarkReport.BatchPart? Batch = null,
    BenchmarkReport.AnswerPart? Answer = null,
    BenchmarkReport.MemoryPart? Memory = null,
    MachineLimits? Limits = null)
{
    /// <summary>The report beside what the machine can do at most.</summary>
    public BenchmarkReport With(MachineLimits limits) => this with
    {
        Limits = limits,
        Prefill = Prefill is null ? null : Prefill with
        {
            PercentOfGemmPeak =
                100 * Prefill.TokensPerSecond * Prefill.OperationsPerToken / (1e9 * limits.Bf16GemmGflops),
        },
        Decode = Decode is null ? null : Decode with
        {
            PercentOfBandwidth = 100 * Decode.TokensPerSecond * Decode.BytesPerToken / (1e9 * limits.ReadBandwidthGBs),
        },
    };

    /// <summary>Prints the report for people.</summary>
    public void Print(TextWriter output)
    {
        Line("model", $"{Model}, {Name(Precision)}, quantization {Name(Quantization)}, {Threads} threads");
        Line("limits", Limits is null ? null : Invariant(
            $"reading {Limits.ReadBandwidthGBs:F1} GB/s, bf16 products {Limits.Bf16GemmGflops:F0} GFLOP/s"));
        Line("load", Load is null ? null : Invariant($"{Load.Seconds:F2} s"));
        Line("vision", Vision is null ? null : Invariant(
            $"{Vision.Milliseconds:F0} ms for a picture of {Vision.Tokens} tokens"));
        Line("prefill", Prefill is null ? null : Invariant(
            $"{Prefill.TokensPerSecond:F1} tokens/s{Percent(Prefill.PercentOfGemmPeak, "the bf16 product limit")}"));
        Line("decode", Decode is null ? null : Invariant(
            $"{Decode.TokensPerSecond:F2} tokens/s{Percent(Decode.PercentOfBandwidth, "the read limit")}"));
        Line("batch", Batch is null ? null : Invariant(
            $"{Batch.TokensPerSecond:F2} tokens/s, {Batch.Requests} requests at once"));
        Line("answer", Answer is null ? null : Invariant(
            $"{Answer.Seconds:F2} s for {Answer.Tokens} tokens, the first after {Answer.FirstTokenSeconds:F2} s"));
        Line("second question", Answer is null ? null : Invariant(
            $"{Answer.SecondQuestionSeconds:F2} s for {Answer.SecondQuestionTokens} tokens, ") + Invariant(
            $"the first after {Answer.SecondQuestionFirstTokenSeconds:F2} s"));
        Line("memory", Memory is null ? null : Invariant($"{Memory.PeakBytes / 1e9:F2} GB at most"));

        void Line(string label, string? value)
        {
            if (value is not null)
            {
                output.WriteLine($"{label,-16} {value}");
            }
        }
    }

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Percent(double? value, string of) =>
        value is null ? string.Empty : Invariant($", {value:F0} % of {of}");

    /// <summary>Loading a model from its files.</summary>
    /// <param name="Seconds">Until the first question can be asked.</param>
    internal sealed record LoadPart(double Seconds);

    /// <summary>One picture.</summary>
    /// <param name="Milliseconds">Encoder, connector and projector.</param>
    /// <param name="Tokens">Visual tokens.</param>
    internal sealed record VisionPart(double Milliseconds, int Tokens);

    /// <summary>Reading a prompt.</summary>
    /// <param name="TokensPerSecond">Tokens a second.</param>
    /// <param name="OperationsPerToken">Operations each takes, those of its attention on average.</param>
    /// <param name="PercentOfGemmPeak">Those operations, compared to the machine's fastest product.</param>
    internal sealed record PrefillPart(
        double TokensPerSecond, double OperationsPerToken, double? PercentOfGemmPeak = null);

    /// <summary>Making tokens for one request.</summary>
    /// <param name="TokensPerSecond">Tokens a second.</param>
    /// <param name="BytesPerToken">Weights, keys and values that each token reads.</param>
    /// <param name="ReadBandwidthGBs">
    /// Reading the weights between the tokens and nothing else, 10^9 bytes a second; <c>null</c> if caches hold them.
    /// </param>
    /// <param name="PercentOfBandwidth">The token's bytes, compared to the fastest the machine reads.</param>
    internal sealed record DecodePart(
        double TokensPerSecond, long BytesPerToken, double? ReadBandwidthGBs, double? PercentOfBandwidth = null);

    /// <summary>Making tokens for several requests.</summary>
    /// <param name="Requests">How many.</param>
    /// <param name="TokensPerSecond">Tokens a second, of all together.</param>
    internal sealed record BatchPart(int Requests, double TokensPerSecond);

    /// <summary>Two questions about one picture, asked one after the other.</summary>
    /// <param name="Seconds">The first: preprocessing, vision, prefill and all tokens.</param>
    /// <param name="FirstTokenSeconds">Until its first token.</param>
    /// <param name="Tokens">The tokens it made.</param>
    /// <param name="SecondQuestionSeconds">The second: the prefill of its own tokens, and all tokens.</param>
    /// <param name="SecondQuestionFirstTokenSeconds">Until its first token.</param>
    /// <param name="SecondQuestionTokens">The tokens it made.</param>
    internal sealed record AnswerPart(
        double Seconds,
        double FirstTokenSeconds,
        int Tokens,
        double SecondQuestionSeconds,
        double SecondQuestionFirstTokenSeconds,
        int SecondQuestionTokens);

    /// <summary>Memory of the process.</summary>
    /// <param name="PeakBytes">The most physical memory it has had, mapped files included.</param>
    internal sealed record MemoryPart(long PeakBytes);
}
