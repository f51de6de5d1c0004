namespace DenseConnector.Loading;

/// <summary>A dictionary of a pickle; its keys are texts.</summary>
/// <remarks>Takes next to no memory until something is put in: a byte of a hostile file can ask for one.</remarks>
internal sealed class PickledDictionary
{
    private Dictionary<string, object?>? _items;

    /// <summary>Its keys and values.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Items => _items ?? [];

    /// <summary>Puts in a value; <c>false</c> if the key is there already.</summary>
    public bool TryAdd(string key, object? value) =>
        (_items ??= new Dictionary<string, object?>(StringComparer.Ordinal)).TryAdd(key, value);
}
