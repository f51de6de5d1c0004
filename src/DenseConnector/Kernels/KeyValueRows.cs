namespace DenseConnector.Kernels;

/// <summary>One layer's keys and values of one request, as <see cref="DecodeAttention"/> reads them.</summary>
/// <param name="Keys">The first key of <c>[keyValueHeads, …, headSize]</c>.</param>
/// <param name="Values">The first value, laid out likewise.</param>
/// <param name="IsBFloat16">Whether they are bfloat16; else float32.</param>
/// <param name="Length">Tokens that are read.</param>
/// <param name="HeadStride">Numbers from one head to the next: the capacity times the head size.</param>
internal readonly record struct KeyValueRows(nint Keys, nint Values, bool IsBFloat16, long Length, long HeadStride);
