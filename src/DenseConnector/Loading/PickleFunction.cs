namespace DenseConnector.Loading;

/// <summary>What a pickle may name to have a value made: done by the reader itself, no code is called.</summary>
internal enum PickleFunction
{
    /// <summary><c>collections.OrderedDict</c>: an empty dictionary.</summary>
    OrderedDict,

    /// <summary><c>torch._utils._rebuild_tensor_v2</c>: a view of a storage.</summary>
    RebuildTensor,

    /// <summary><c>torch._utils._rebuild_parameter</c>: the tensor it wraps.</summary>
    RebuildParameter,

    /// <summary><c>torch.Size</c>: the tuple it wraps.</summary>
    Size,
}
