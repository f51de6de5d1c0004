namespace DenseConnector.Loading;

/// <summary>A run of elements that tensors of a pickle are views of; its bytes are an entry of the archive.</summary>
/// <param name="Key">The entry's name under <c>data/</c>.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Count">How many elements it says it has; not yet checked against the entry.</param>
internal sealed record PickledStorage(string Key, TensorType Type, long Count);
