using System.Runtime.Intrinsics;

namespace DenseConnector.Kernels;

/// <summary>
/// Attention of many tokens of one sequence: softmax(q·kᵀ/√d)·v for every head, block by block, so that scores never
/// leave the processor's caches (FlashAttention, arXiv 2205.14135).
/// </summary>
/// <remarks>
/// Work is shared out by key/value head and some rows, a row being one query head's query of one token; the query heads
/// that share a key/value head lie side by side. Blocks of keys begin at the first token, so a row's numbers depend
/// neither on the other rows nor on the threads.
/// </remarks>
/// <param name="heads">Query heads.</param>
/// <param name="keyValueHeads">Key and value heads; they divide <paramref name="heads"/>.</param>
/// <param name="headSize">Width of a head.</param>
internal sealed class PromptAttention(int heads, int keyValueHeads, int headSize)
{
    // Enough rows to make widening keys and values cheap, few enough that all they need stays in the second-level cache.
    private const int PieceRows = 3 * PromptRows<Lanes1, float>.GroupRows;

    /// <summary>Attends.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="queries">One row of <c>heads · headSize</c> for each token, positions applied.</param>
    /// <param name="sequence">Keys and values; those of the queries' tokens are the last.</param>
    /// <param name="isCausal">Whether a token sees no later ones.</param>
    /// <param name="outputs">One row of <c>heads · headSize</c> for each token.</param>
    public void Run(WorkerTeam team, RowBlock queries, KeyValueRows sequence, bool isCausal, RowBlock outputs) =>
        Run(team, LaneWidths.Best, queries, sequence, isCausal, outputs);

    /// <summary>Attends with registers of one width.</summary>
    public void Run(
        WorkerTeam team, LaneWidth width, RowBlock queries, KeyValueRows sequence, bool isCausal, RowBlock outputs)
    {
        int group = heads / keyValueHeads;
        int rows = queries.Count * group;
        int parts = (rows + PieceRows - 1) / PieceRows;

        // The last tokens see the most: they come first, and what is left for the end is short.
        team.Run(keyValueHeads * parts, piece =>
        {
            int head = piece % keyValueHeads;
            int first = (parts - 1 - (piece / keyValueHeads)) * PieceRows;
            PromptShare share = new(
                queries, sequence, isCausal, outputs, head, group, first, Math.Min(PieceRows, rows - first));
            switch (width)
            {
                case LaneWidth.Sixteen:
                    Attend<Lanes512, Vector512<float>>(share);
                    break;
                case LaneWidth.Eight:
                    Attend<Lanes256, Vector256<float>>(share);
                    break;
                default:
                    Attend<Lanes1, float>(share);
                    break;
            }
        });
    }

    private void Attend<TLanes, T>(PromptShare share)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        using PromptRows<TLanes, T> rows = new(share, headSize);
        rows.Attend();
    }
}
