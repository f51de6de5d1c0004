namespace DenseConnector.Loading;

/// <summary>Where the changed copy of TorchSharp's library was loaded from.</summary>
internal enum RemedyPlace
{
    /// <summary>No copy was needed: the library on disk loads.</summary>
    None,

    /// <summary>From an anonymous file in memory.</summary>
    Memory,

    /// <summary>From a private temporary file, deleted after loading.</summary>
    TemporaryFile,
}
