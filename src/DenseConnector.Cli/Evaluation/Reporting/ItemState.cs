namespace DenseConnector.Cli.Evaluation.Reporting;

/// <summary>What became of a question, as the page filters by it.</summary>
internal enum ItemState
{
    /// <summary>The answer is right.</summary>
    Right,

    /// <summary>The answer is worth a part of the score.</summary>
    Partly,

    /// <summary>The answer is wrong.</summary>
    Wrong,

    /// <summary>There is an answer; what it is worth is decided elsewhere.</summary>
    Answered,

    /// <summary>The question was asked and failed.</summary>
    Failed,

    /// <summary>The question was not asked yet.</summary>
    Open,
}
