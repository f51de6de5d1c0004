namespace DenseConnector.Loading;

/// <summary>What one tensor of a weight file is and where its bytes lie, checked at opening.</summary>
/// <param name="Name">The tensor's name, as the file spells it; may be empty.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its dimensions, the last one contiguous; none for a scalar. A dimension may be 0.</param>
/// <param name="Offset">Where its first byte lies, from the start of the file; not necessarily aligned.</param>
/// <param name="ByteLength">How many bytes it takes; 0 if a dimension is 0.</param>
/// <remarks>Two entries are equal only if they share one <paramref name="Shape"/>; compare its items instead.</remarks>
internal sealed record TensorEntry(
    string Name, TensorType Type, IReadOnlyList<long> Shape, long Offset, long ByteLength);
