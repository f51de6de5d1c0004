namespace DenseConnector.Loading;

/// <summary>One file inside a ZIP archive, as the archive's directory describes it; not yet checked.</summary>
/// <param name="Name">Its path inside the archive.</param>
/// <param name="Flags">The general purpose flags; bit 0 means encrypted.</param>
/// <param name="Method">How it is compressed; 0 means stored as it is.</param>
/// <param name="StoredLength">Bytes it takes in the archive.</param>
/// <param name="Length">Bytes it has when unpacked.</param>
/// <param name="HeaderOffset">Where its local header lies, in bytes from the start of the archive.</param>
internal readonly record struct ZipEntry(
    string Name, int Flags, int Method, long StoredLength, long Length, long HeaderOffset);
