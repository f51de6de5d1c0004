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
internal sealed unsafe class PromptAttention(int heads, int keyValueHeads, int headSize)
{
    private readonly int _group = heads / keyValueHeads;

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
        PromptShare[] shares = [.. Shares(queries, sequence, isCausal, outputs)];
        int numbers = PromptRows<Lanes1, float>.Numbers(headSize);
        float* memory = (float*)team.Scratch.Take((long)team.Size * numbers * sizeof(float));
        int next = 0;

        // Each thread has memory of its own, and takes one share after the other.
        team.Run(team.Size, thread =>
        {
            for (int i; (i = Interlocked.Increment(ref next) - 1) < shares.Length;)
            {
                Attend(width, shares[i], memory + ((long)thread * numbers));
            }
        });
    }

    /// <summary>The last tokens, which see the most, come first: what is left for the end is short.</summary>
    private IEnumerable<PromptShare> Shares(
        RowBlock queries, KeyValueRows sequence, bool isCausal, RowBlock outputs)
    {
        int rows = queries.Count * _group;
        int groups = (rows + PromptShare.GroupRows - 1) / PromptShare.GroupRows;
        int parts = (rows + PromptShare.MaxRows - 1) / PromptShare.MaxRows;
        int partRows = (groups + parts - 1) / parts * PromptShare.GroupRows;
        for (int first = (parts - 1) * partRows; first >= 0; first -= partRows)
        {
            for (int head = 0; head < keyValueHeads; head++)
            {
                int count = Math.Min(partRows, rows - first);
                yield return new PromptShare(queries, sequence, isCausal, outputs, head, _group, first, count);
            }
        }
    }

    private void Attend(LaneWidth width, PromptShare share, float* memory)
    {
        switch (width)
        {
            case LaneWidth.Sixteen:
                new PromptRows<Lanes512, Vector512<float>>(share, headSize, memory).Attend();
                break;
            case LaneWidth.Eight:
                new PromptRows<Lanes256, Vector256<float>>(share, headSize, memory).Attend();
                break;
            default:
                new PromptRows<Lanes1, float>(share, headSize, memory).Attend();
                break;
        }
    }
}
