namespace DenseConnector.Kernels;

/// <summary>
/// Softmax over scores that come block by block (arXiv 1805.02867): the largest score and the sum of powers so far, for
/// each of some rows.
/// </summary>
/// <remarks>Scores lie with the rows side by side, so that a register holds one key's scores of several rows.</remarks>
internal static unsafe class OnlineSoftmax
{
    /// <summary>Turns a block's scores of one register of rows into powers of e, over the largest so far.</summary>
    /// <param name="scores">The first key's scores.</param>
    /// <param name="step">Numbers from one key's scores to the next's.</param>
    /// <param name="seen">Keys of the block that have scores.</param>
    /// <param name="keys">Keys of the block; those without scores become 0.</param>
    /// <param name="largest">Each row's largest score so far; negative infinity before the first block.</param>
    /// <param name="sums">Each row's sum of powers so far.</param>
    /// <param name="factors">What each row has collected so far is to be multiplied with.</param>
    public static void Add<TLanes, T>(
        float* scores, nint step, int seen, int keys, float* largest, float* sums, float* factors)
        where TLanes : struct, IFloatLanes<T>
        where T : struct
    {
        T before = TLanes.Load(largest), top = before;
        for (int key = 0; key < seen; key++)
        {
            top = TLanes.Max(TLanes.Load(scores + (key * step)), top);
        }

        T minusOne = TLanes.Fill(-1), sum = TLanes.Zero;
        for (int key = 0; key < seen; key++)
        {
            T power = TLanes.Exp(TLanes.MultiplyAdd(top, minusOne, TLanes.Load(scores + (key * step))));
            TLanes.Store(power, scores + (key * step));
            sum = TLanes.Add(sum, power);
        }

        for (int key = seen; key < keys; key++)
        {
            TLanes.Store(TLanes.Zero, scores + (key * step));
        }

        T factor = TLanes.Exp(TLanes.MultiplyAdd(top, minusOne, before));
        TLanes.Store(top, largest);
        TLanes.Store(TLanes.MultiplyAdd(TLanes.Load(sums), factor, sum), sums);
        TLanes.Store(factor, factors);
    }
}
