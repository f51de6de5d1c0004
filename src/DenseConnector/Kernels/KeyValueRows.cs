namespace DenseConnector.Kernels;

/// <summary>One layer's keys and values of one sequence, as the attention kernels read them.</summary>
/// <param name="Keys">The first key of the first head.</param>
/// <param name="Values">The first value, laid out likewise.</param>
/// <param name="IsBFloat16">Whether they are bfloat16; else float32.</param>
/// <param name="Length">Tokens that are read.</param>
/// <param name="HeadStride">Numbers from one head to the next.</param>
/// <param name="TokenStride">Numbers from one token to the next.</param>
internal readonly unsafe record struct KeyValueRows(
    nint Keys, nint Values, bool IsBFloat16, long Length, long HeadStride, long TokenStride)
{
    /// <summary>Where a head's key of a token begins.</summary>
    public byte* Key(int head, long token) => (byte*)Keys + Offset(head, token);

    /// <summary>Where a head's value of a token begins.</summary>
    public byte* Value(int head, long token) => (byte*)Values + Offset(head, token);

    /// <summary>Copies keys and values of new tokens, of the same type and all heads, to where they belong.</summary>
    /// <param name="first">The first new token.</param>
    /// <param name="heads">Key and value heads.</param>
    /// <param name="keys">One row for each new token.</param>
    /// <param name="values">Likewise.</param>
    public void Write(long first, int heads, RowBlock keys, RowBlock values)
    {
        long bytes = keys.Width / heads * (IsBFloat16 ? sizeof(ushort) : sizeof(float));
        for (int token = 0; token < keys.Count; token++)
        {
            byte* key = (byte*)keys.Rows(token, 1).Data, value = (byte*)values.Rows(token, 1).Data;
            for (int head = 0; head < heads; head++)
            {
                Buffer.MemoryCopy(key + (head * bytes), Key(head, first + token), bytes, bytes);
                Buffer.MemoryCopy(value + (head * bytes), Value(head, first + token), bytes, bytes);
            }
        }
    }

    private long Offset(int head, long token) =>
        ((head * HeadStride) + (token * TokenStride)) * (IsBFloat16 ? sizeof(ushort) : sizeof(float));
}
