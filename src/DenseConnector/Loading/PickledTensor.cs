namespace DenseConnector.Loading;

/// <summary>A tensor as a pickle describes it: a view of a storage; nothing of it is checked yet.</summary>
/// <param name="Storage">Where its elements lie.</param>
/// <param name="Offset">Its first element, counted from the storage's start.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Strides">How many elements apart neighbours along each dimension lie.</param>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides);
