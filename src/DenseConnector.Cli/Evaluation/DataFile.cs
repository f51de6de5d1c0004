namespace DenseConnector.Cli.Evaluation;

/// <summary>A file or folder that a benchmark needs.</summary>
/// <param name="Content">What it holds, in a few words.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Names">
/// Its official path below the benchmark's folder; the first of these that is there counts. A star stands for any part
/// of a name, and thereby for several files.
/// </param>
internal sealed record DataFile(string Content, string Origin, params IReadOnlyList<string> Names)
{
    /// <summary>Whether the benchmark can do without it.</summary>
    public bool IsOptional { get; init; }

    /// <summary>The official path.</summary>
    public string Name => Names[0];
}
