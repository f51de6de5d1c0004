namespace DenseConnector.Loading;

/// <summary>The two matrices that adapt one weight: B · A is added to it.</summary>
/// <param name="Down">A <c>[rank, input]</c>.</param>
/// <param name="Up">B <c>[output, rank]</c>.</param>
internal sealed record LoraPair(TensorLocation Down, TensorLocation Up)
{
    /// <summary>The shape of the weight: <c>[output, input]</c>.</summary>
    public IReadOnlyList<long> Shape { get; } = [Up.Entry.Shape[0], Down.Entry.Shape[1]];

    /// <summary>Stored bytes of both matrices.</summary>
    public long ByteLength => Down.Entry.ByteLength + Up.Entry.ByteLength;
}
