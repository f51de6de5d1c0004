namespace DenseConnector.Tests.Loading;

/// <summary>One file of an archive that <see cref="ArchiveBytes"/> makes, with what a hostile one says.</summary>
/// <param name="Name">Its path in the archive.</param>
/// <param name="Data">Its bytes.</param>
internal sealed record ArchiveEntry(string Name, byte[] Data)
{
    public ushort Method { get; init; }

    public ushort Flags { get; init; }

    /// <summary>The length the directory says, if not that of the data.</summary>
    public long? SaidLength { get; init; }

    /// <summary>Where the directory says that the entry lies, if not where it does.</summary>
    public long? SaidOffset { get; init; }

    public uint LocalSignature { get; init; } = 0x04034B50;
}
