using System.Buffers.Binary;
using System.Text;

namespace DenseConnector.Loading;

/// <summary>The directory of a ZIP archive whose entries are stored, not compressed, with and without ZIP64.</summary>
/// <remarks>
/// Written for what <c>torch.save</c> makes (PKWARE's APPNOTE 6.3, sections 4.3 and 4.5.3): tensors have to be read in
/// place, and <see cref="System.IO.Compression.ZipArchive"/> does not tell where an entry's bytes lie. Every number of
/// the file is checked against the file's length before it is used. Immutable, hence thread-safe while the file is
/// open.
/// </remarks>
internal sealed class ZipDirectory
{
    /// <summary>The longest directory read, in bytes; torch writes some 100 bytes per tensor.</summary>
    public const int MaxBytes = 100_000_000;

    private const uint EndSignature = 0x06054B50;
    private const uint LocatorSignature = 0x07064B50;
    private const uint End64Signature = 0x06064B50;
    private const uint EntrySignature = 0x02014B50;
    private const uint LocalSignature = 0x04034B50;
    private const int EndBytes = 22;
    private const int LocatorBytes = 20;
    private const int End64Bytes = 56;
    private const int EntryBytes = 46;
    private const int LocalBytes = 30;
    private const int Zip64Field = 1;
    private const int Encrypted = 1;
    private const string Remedy = "Download the file again, or save the model as safetensors.";

    private readonly ReadOnlyFile _file;
    private readonly Dictionary<string, ZipEntry> _entries = new(StringComparer.Ordinal);
    private long _start;

    private ZipDirectory(ReadOnlyFile file) => _file = file;

    /// <summary>The paths of all entries, in the directory's order.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Reads an archive's directory.</summary>
    /// <exception cref="CheckpointException">The file is no ZIP archive, or a damaged one.</exception>
    public static ZipDirectory Read(ReadOnlyFile file)
    {
        ZipDirectory directory = new(file);
        directory.ReadEntries();
        return directory;
    }

    /// <summary>Whether the archive has an entry of this path.</summary>
    public bool Has(string name) => _entries.ContainsKey(name);

    /// <summary>Where an entry's bytes lie in the file, and how many there are.</summary>
    /// <exception cref="CheckpointException">
    /// There is no such entry, it is compressed or encrypted, or its header is damaged.
    /// </exception>
    public (long Offset, long Length) Locate(string name)
    {
        if (!_entries.TryGetValue(name, out ZipEntry entry))
        {
            throw Wrong($"the archive has no entry {QuotedName.Of(name)}.", expected: name);
        }

        if (entry.Method != 0 || entry.StoredLength != entry.Length || (entry.Flags & Encrypted) != 0)
        {
            string how = (entry.Flags & Encrypted) != 0 ? "encrypted" : "compressed";
            throw Wrong(
                $"the archive's entry {QuotedName.Of(name)} is {how}, expected stored as it is, as torch.save writes " +
                "it: tensors are read in place.",
                "stored",
                how);
        }

        if (entry.HeaderOffset < 0 || entry.HeaderOffset > _start - LocalBytes)
        {
            throw Damaged(name);
        }

        Span<byte> header = stackalloc byte[LocalBytes];
        _file.Read(header, entry.HeaderOffset);
        long offset = entry.HeaderOffset + LocalBytes +
            BinaryPrimitives.ReadUInt16LittleEndian(header[26..]) +
            BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(header) == LocalSignature &&
            entry.Length >= 0 && offset <= _start && entry.Length <= _start - offset
            ? (offset, entry.Length)
            : throw Damaged(name);
    }

    private void ReadEntries()
    {
        (long end, long count, long length, _start) = ReadEnd();
        if (_start < 0 || length < 0 || _start > end || length > end - _start)
        {
            throw Wrong("says its directory lies where the file has no room for it.");
        }

        // A directory takes at least the fixed part of each entry, so that its length bounds their number.
        if (length > MaxBytes || count < 0 || count > length / EntryBytes)
        {
            throw Wrong(
                $"says its directory has {count} entries in {length} bytes; at most {MaxBytes} bytes are accepted, " +
                $"and an entry takes {EntryBytes} at least.");
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        _file.Read(bytes, _start);
        ReadOnlySpan<byte> rest = bytes;
        for (long i = 0; i < count; i++)
        {
            ZipEntry entry = ReadEntry(ref rest);
            if (!_entries.TryAdd(entry.Name, entry))
            {
                throw Wrong($"has the entry {QuotedName.Of(entry.Name)} twice.");
            }
        }

        if (!rest.IsEmpty)
        {
            throw Wrong($"has {rest.Length} bytes in its directory that belong to none of its {count} entries.");
        }
    }

    /// <summary>Finds the record that ends the archive: its place, the entries, their bytes and place.</summary>
    private (long Place, long Count, long Length, long Start) ReadEnd()
    {
        // A comment of up to 65,535 bytes may follow the record.
        int tailBytes = (int)Math.Min(_file.Length, EndBytes + ushort.MaxValue);
        byte[] tail = GC.AllocateUninitializedArray<byte>(tailBytes);
        long tailStart = _file.Length - tailBytes;
        _file.Read(tail, tailStart);
        for (int at = tailBytes - EndBytes; at >= 0; at--)
        {
            ReadOnlySpan<byte> record = tail.AsSpan(at);
            if (BinaryPrimitives.ReadUInt32LittleEndian(record) == EndSignature &&
                BinaryPrimitives.ReadUInt16LittleEndian(record[20..]) == record.Length - EndBytes)
            {
                long place = tailStart + at;
                return ReadEnd64(place) ?? (
                    place,
                    BinaryPrimitives.ReadUInt16LittleEndian(record[10..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(record[12..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(record[16..]));
            }
        }

        throw Wrong("has no end of a ZIP directory: the file is cut short.");
    }

    private (long Place, long Count, long Length, long Start)? ReadEnd64(long end)
    {
        if (end < LocatorBytes)
        {
            return null;
        }

        Span<byte> locator = stackalloc byte[LocatorBytes];
        _file.Read(locator, end - LocatorBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != LocatorSignature)
        {
            return null;
        }

        long place = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        Span<byte> record = stackalloc byte[End64Bytes];
        if (place >= 0 && place <= end - LocatorBytes - End64Bytes)
        {
            _file.Read(record, place);
            if (BinaryPrimitives.ReadUInt32LittleEndian(record) == End64Signature)
            {
                return (
                    place,
                    BinaryPrimitives.ReadInt64LittleEndian(record[32..]),
                    BinaryPrimitives.ReadInt64LittleEndian(record[40..]),
                    BinaryPrimitives.ReadInt64LittleEndian(record[48..]));
            }
        }

        throw Wrong("its ZIP64 locator points to no ZIP64 directory record.");
    }

    private ZipEntry ReadEntry(ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < EntryBytes || BinaryPrimitives.ReadUInt32LittleEndian(rest) != EntrySignature)
        {
            throw Wrong("has a damaged directory.");
        }

        ReadOnlySpan<byte> head = rest[..EntryBytes];
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(head[28..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(head[30..]);
        int commentLength = BinaryPrimitives.ReadUInt16LittleEndian(head[32..]);
        if (rest.Length - EntryBytes < nameLength + extraLength + commentLength)
        {
            throw Wrong("has a damaged directory.");
        }

        ZipEntry entry = new(
            Encoding.UTF8.GetString(rest.Slice(EntryBytes, nameLength)),
            BinaryPrimitives.ReadUInt16LittleEndian(head[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(head[10..]),
            BinaryPrimitives.ReadUInt32LittleEndian(head[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(head[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(head[42..]));
        ReadOnlySpan<byte> extra = rest.Slice(EntryBytes + nameLength, extraLength);
        rest = rest[(EntryBytes + nameLength + extraLength + commentLength)..];
        return Widen(entry, extra);
    }

    /// <summary>Puts in the 64-bit numbers of an entry whose 32-bit fields say that they do not suffice.</summary>
    private static ZipEntry Widen(ZipEntry entry, ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int kind = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            int length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]), extra.Length - 4);
            ReadOnlySpan<byte> field = extra.Slice(4, length);
            extra = extra[(4 + length)..];
            if (kind == Zip64Field)
            {
                // Only the numbers that do not fit stand here, in this order.
                return entry with
                {
                    Length = Wide(entry.Length, ref field),
                    StoredLength = Wide(entry.StoredLength, ref field),
                    HeaderOffset = Wide(entry.HeaderOffset, ref field),
                };
            }
        }

        return entry;
    }

    private static long Wide(long narrow, ref ReadOnlySpan<byte> field)
    {
        if (narrow != uint.MaxValue || field.Length < sizeof(long))
        {
            return narrow;
        }

        long wide = BinaryPrimitives.ReadInt64LittleEndian(field);
        field = field[sizeof(long)..];
        return wide;
    }

    private CheckpointException Damaged(string name) =>
        Wrong($"the archive's entry {QuotedName.Of(name)} does not lie where its directory says.");

    private CheckpointException Wrong(string problem, string? expected = null, string? found = null) =>
        new(_file.Path, $"{problem} {Remedy}") { Expected = expected, Found = found };
}
