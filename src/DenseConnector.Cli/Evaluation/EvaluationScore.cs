namespace DenseConnector.Cli.Evaluation;

/// <summary>What a complete answer file is worth by the official rules.</summary>
/// <param name="Report">The lines that the official script prints.</param>
internal sealed record EvaluationScore(string Report)
{
    /// <summary>What <see cref="Value"/> is.</summary>
    public string Metric { get; init; } = "accuracy";

    /// <summary>The number of the zoo's table; <c>null</c> where others score an uploaded file.</summary>
    public double? Value { get; init; }

    /// <summary>The scores of parts.</summary>
    public IReadOnlyList<ScoreGroup> Groups { get; init; } = [];

    /// <summary>The models that say they judged the answers; none where no judge is needed.</summary>
    public IReadOnlyList<string> Judges { get; init; } = [];

    /// <summary>
    /// What single answers are worth, by the name of their item, where an answer alone does not say it.
    /// </summary>
    public IReadOnlyDictionary<string, Verdict> Verdicts { get; init; } = new Dictionary<string, Verdict>();

    /// <summary>Further files that the official scripts write, by name.</summary>
    public IReadOnlyList<OutputFile> Files { get; init; } = [];
}

/// <summary>The score of a part of a benchmark.</summary>
/// <param name="Kind">How the questions were divided, such as by subject.</param>
/// <param name="Name">The part.</param>
/// <param name="Value">Its score, in the unit of the whole.</param>
/// <param name="Count">How many questions it has.</param>
internal sealed record ScoreGroup(string Kind, string Name, double Value, int Count);
