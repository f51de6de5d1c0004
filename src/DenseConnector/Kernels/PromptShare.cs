namespace DenseConnector.Kernels;

/// <summary>
/// Some of the rows of a <see cref="PromptAttention"/>: of the query heads that share one key/value head, a token's
/// heads side by side.
/// </summary>
/// <param name="Queries">One row of all heads for each token.</param>
/// <param name="Sequence">Keys and values.</param>
/// <param name="IsCausal">Whether a token sees no later ones.</param>
/// <param name="Outputs">Laid out as the queries.</param>
/// <param name="Head">The key/value head.</param>
/// <param name="Group">Query heads that share it.</param>
/// <param name="First">The first row.</param>
/// <param name="Count">Rows.</param>
internal readonly record struct PromptShare(
    RowBlock Queries,
    KeyValueRows Sequence,
    bool IsCausal,
    RowBlock Outputs,
    int Head,
    int Group,
    int First,
    int Count)
{
    /// <summary>Rows whose scores are held at a time: whole tiles, whole pairs of registers of every width.</summary>
    public const int GroupRows = 96;

    /// <summary>
    /// The most rows: enough to make widening keys and values cheap, few enough that all they need stays in the
    /// second-level cache.
    /// </summary>
    public const int MaxRows = 4 * GroupRows;

    /// <summary>How many keys a row sees; rows behind the last see as many as the last.</summary>
    public long Sees(int row) => IsCausal
        ? Sequence.Length - Queries.Count + 1 + Token(Math.Min(row, Count - 1))
        : Sequence.Length;

    /// <summary>A row's token.</summary>
    public int Token(int row) => (First + row) / Group;

    /// <summary>Which of all query heads a row belongs to.</summary>
    public int QueryHead(int row) => (Head * Group) + ((First + row) % Group);
}
