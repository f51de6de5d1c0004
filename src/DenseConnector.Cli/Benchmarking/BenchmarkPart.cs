namespace DenseConnector.Cli.Benchmarking;

/// <summary>What <c>bench</c> can measure beside loading.</summary>
internal enum BenchmarkPart
{
    /// <summary>The machine's limits.</summary>
    Limits,

    /// <summary>A picture.</summary>
    Vision,

    /// <summary>Reading a prompt.</summary>
    Prefill,

    /// <summary>Making tokens for one request.</summary>
    Decode,

    /// <summary>Making tokens for several requests at once.</summary>
    Batch,

    /// <summary>Whole answers.</summary>
    Answer,
}
