using System.Buffers.Binary;

namespace DenseConnector.Loading;

/// <summary>One program header of an ELF file.</summary>
/// <param name="Type"><c>p_type</c>.</param>
/// <param name="Offset">Where the segment starts in the file, in bytes.</param>
/// <param name="Address">Where it starts in memory, relative to the library's base.</param>
/// <param name="FileSize">Its length in the file, in bytes.</param>
internal readonly record struct ElfSegment(uint Type, ulong Offset, ulong Address, ulong FileSize)
{
    /// <summary>Whether the loader maps this segment.</summary>
    public bool IsLoaded => Type == 1;

    /// <summary>Whether this is the dynamic section.</summary>
    public bool IsDynamic => Type == 2;

    /// <summary>Reads one entry of 56 bytes.</summary>
    public static ElfSegment Read(ReadOnlySpan<byte> entry) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(entry),
        BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]));
}
