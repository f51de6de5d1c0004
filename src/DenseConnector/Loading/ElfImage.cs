using System.Buffers.Binary;
using System.Text;

namespace DenseConnector.Loading;

/// <summary>
/// The dynamic linking part of an ELF shared library held in memory: what it needs, what it offers, and a copy of it
/// that asks for one symbol version less.
/// </summary>
/// <remarks>
/// Every offset, count and chain comes from the file and is checked before use; a damaged file gives an
/// <see cref="InvalidDataException"/>. Field names in comments are those of the System V ABI and of the GNU symbol
/// versioning. Immutable and thread-safe.
/// </remarks>
internal sealed class ElfImage
{
    private const int DynamicBytes = 16;
    private const int SymbolBytes = 24;
    private const int VersionBytes = 16;
    private const int VersionDefinitionBytes = 20;
    private const int VersionNameBytes = 8;
    private const ushort Weak = 2;
    private const ushort Base = 1;
    private const ushort Unversioned = 1;

    // A symbol refers to its version with 15 bits, so a library cannot have more of them.
    private const int MaxVersions = 0x7fff;
    private const int MaxDynamicEntries = 4096;
    private const int MaxNameBytes = 4096;

    private readonly byte[] _bytes;
    private readonly string _name;
    private readonly Dictionary<DynamicTag, ulong> _dynamic = [];

    private ElfImage(string name, byte[] bytes)
    {
        _name = name;
        _bytes = bytes;
        Header = ElfHeader.Read(name, new MemoryStream(bytes, writable: false));
        List<ulong> needed = ReadDynamicSection();
        Needed = [.. needed.Select(Name)];
        SoName = _dynamic.TryGetValue(DynamicTag.SoName, out ulong soName) ? Name(soName) : null;
        VersionNeeds = ReadVersionNeeds();
        VersionDefinitions = ReadVersionDefinitions();
    }

    private enum DynamicTag : ulong
    {
        End = 0,
        Needed = 1,
        Hash = 4,
        StringTable = 5,
        SymbolTable = 6,
        StringTableBytes = 10,
        SoName = 14,
        GnuHash = 0x6ffffef5,
        VersionSymbols = 0x6ffffff0,
        VersionDefinitions = 0x6ffffffc,
        VersionDefinitionCount = 0x6ffffffd,
        VersionNeeds = 0x6ffffffe,
        VersionNeedCount = 0x6fffffff,
    }

    /// <summary>The file's header.</summary>
    public ElfHeader Header { get; }

    /// <summary>The libraries the loader must load with this one, in order.</summary>
    public IReadOnlyList<string> Needed { get; }

    /// <summary>The name under which other libraries ask for this one.</summary>
    public string? SoName { get; }

    /// <summary>The symbol versions this library asks of others.</summary>
    public IReadOnlyList<ElfVersionNeed> VersionNeeds { get; }

    /// <summary>The symbol versions this library offers.</summary>
    public IReadOnlyList<string> VersionDefinitions { get; }

    /// <summary>Reads a library.</summary>
    /// <param name="name">The file's name for messages.</param>
    /// <param name="bytes">The whole file; not copied and never written.</param>
    /// <exception cref="InvalidDataException">The bytes are not a complete, well-formed ELF64 library.</exception>
    public static ElfImage Read(string name, byte[] bytes) => new(name, bytes);

    /// <summary>The undefined symbols that ask for one version.</summary>
    /// <exception cref="InvalidDataException">The symbol tables are damaged.</exception>
    public IReadOnlyList<string> SymbolsOf(ElfVersionNeed need) =>
        [.. SymbolIndices(need).Select(index => Name(NameOffset(index)))];

    /// <summary>
    /// A copy of the file in which one symbol version is no longer required: its entry is marked weak, and its only
    /// symbol becomes an unversioned reference to another function.
    /// </summary>
    /// <param name="need">The version to give up; one of <see cref="VersionNeeds"/>.</param>
    /// <param name="symbol">The one symbol that may ask for it.</param>
    /// <param name="replacement">An existing function to refer to instead; its name must not be longer.</param>
    /// <exception cref="InvalidDataException">
    /// Other symbols ask for the version too, its name is shared with another one, or the symbol tables are damaged.
    /// </exception>
    public byte[] WithoutVersion(ElfVersionNeed need, string symbol, string replacement)
    {
        List<int> indices = SymbolIndices(need);
        if (indices.Count != 1 || Name(NameOffset(indices[0])) != symbol || replacement.Length > symbol.Length)
        {
            string found = indices.Count == 1 ? $"'{Name(NameOffset(indices[0]))}'" : $"{indices.Count} symbols";
            throw new InvalidDataException($"{_name} asks for {need} with {found}, expected '{symbol}' alone.");
        }

        // A linker may keep one string for a name and for another name that is its end. That other one must survive.
        ulong start = NameOffset(indices[0]);
        ulong end = start + (ulong)symbol.Length;
        if (Enumerable.Range(1, UndefinedSymbolCount() - 1)
            .Any(index => index != indices[0] && NameOffset(index) >= start && NameOffset(index) <= end))
        {
            throw new InvalidDataException($"{_name}: another symbol shares the name of '{symbol}'.");
        }

        int nameOffset = Offset(_dynamic[DynamicTag.StringTable], "the string table") + (int)start;
        byte[] copy = [.. _bytes];
        copy.AsSpan(nameOffset, symbol.Length).Clear();
        Encoding.ASCII.GetBytes(replacement, copy.AsSpan(nameOffset, symbol.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(copy.AsSpan(VersionSymbolOffset(indices[0])), Unversioned);
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(copy.AsSpan(need.FlagsOffset));
        BinaryPrimitives.WriteUInt16LittleEndian(copy.AsSpan(need.FlagsOffset), (ushort)(flags | Weak));
        return copy;
    }

    private List<ulong> ReadDynamicSection()
    {
        List<ulong> needed = [];
        ElfSegment dynamic = Header.Segments.FirstOrDefault(candidate => candidate.IsDynamic);
        if (!dynamic.IsDynamic)
        {
            throw new InvalidDataException($"{_name} has no dynamic section.");
        }

        ulong entries = dynamic.FileSize / DynamicBytes;
        for (ulong i = 0; i < entries && i < MaxDynamicEntries; i++)
        {
            ReadOnlySpan<byte> entry = Slice(dynamic.Offset + (i * DynamicBytes), DynamicBytes, "the dynamic section");
            DynamicTag tag = (DynamicTag)BinaryPrimitives.ReadUInt64LittleEndian(entry);
            ulong value = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
            if (tag == DynamicTag.End)
            {
                return needed;
            }

            if (tag == DynamicTag.Needed)
            {
                needed.Add(value);
            }
            else
            {
                _dynamic[tag] = value;
            }
        }

        throw new InvalidDataException($"{_name} has a dynamic section of {entries:N0} entries without an end.");
    }

    private List<ElfVersionNeed> ReadVersionNeeds()
    {
        List<ElfVersionNeed> needs = [];
        if (!_dynamic.TryGetValue(DynamicTag.VersionNeeds, out ulong address))
        {
            return needs;
        }

        int visited = 0;
        ulong library = (ulong)Offset(address, "the version needs");
        ulong libraries = _dynamic.GetValueOrDefault(DynamicTag.VersionNeedCount);
        for (ulong i = 0; i < libraries; i++)
        {
            // Verneed: vn_version, vn_cnt (16 bit), vn_file, vn_aux, vn_next (32 bit); both distances from the entry.
            ReadOnlySpan<byte> entry = Slice(library, VersionBytes, "the version needs");
            string file = Name(BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]));
            ushort count = BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]);
            uint next = BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);
            ulong version = library + BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
            CountVersion(ref visited);
            for (int j = 0; j < count; j++)
            {
                // Vernaux: vna_hash (32), vna_flags, vna_other (16), vna_name, vna_next (32).
                CountVersion(ref visited);
                ReadOnlySpan<byte> aux = Slice(version, VersionBytes, "the version needs");
                needs.Add(new ElfVersionNeed(
                    file,
                    Name(BinaryPrimitives.ReadUInt32LittleEndian(aux[8..])),
                    (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(aux[6..]) & MaxVersions),
                    (BinaryPrimitives.ReadUInt16LittleEndian(aux[4..]) & Weak) != 0,
                    (int)version + 4));
                uint step = BinaryPrimitives.ReadUInt32LittleEndian(aux[12..]);
                if (step == 0)
                {
                    break;
                }

                version += step;
            }

            if (next == 0)
            {
                break;
            }

            library += next;
        }

        return needs;
    }

    private List<string> ReadVersionDefinitions()
    {
        List<string> definitions = [];
        if (!_dynamic.TryGetValue(DynamicTag.VersionDefinitions, out ulong address))
        {
            return definitions;
        }

        int visited = 0;
        ulong definition = (ulong)Offset(address, "the version definitions");
        ulong count = _dynamic.GetValueOrDefault(DynamicTag.VersionDefinitionCount);
        for (ulong i = 0; i < count; i++)
        {
            // Verdef: vd_version, vd_flags, vd_ndx, vd_cnt (16 bit), vd_hash, vd_aux, vd_next (32 bit).
            CountVersion(ref visited);
            ReadOnlySpan<byte> entry = Slice(definition, VersionDefinitionBytes, "the version definitions");
            uint next = BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]);

            // The entry marked as base carries the library's own name.
            if ((BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]) & Base) == 0)
            {
                ulong nameEntry = definition + BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);
                definitions.Add(Name(BinaryPrimitives.ReadUInt32LittleEndian(
                    Slice(nameEntry, VersionNameBytes, "the version definitions"))));
            }

            if (next == 0)
            {
                break;
            }

            definition += next;
        }

        return definitions;
    }

    private List<int> SymbolIndices(ElfVersionNeed need)
    {
        List<int> indices = [];
        int count = UndefinedSymbolCount();
        for (int index = 1; index < count; index++)
        {
            ushort version = BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(VersionSymbolOffset(index)));
            if ((version & MaxVersions) == need.Index)
            {
                indices.Add(index);
            }
        }

        return indices;
    }

    /// <summary>
    /// The number of symbols at the start of the table among which all undefined ones are: the GNU hash table covers
    /// the defined ones, which stand behind them; the older table counts all.
    /// </summary>
    private int UndefinedSymbolCount()
    {
        ulong count = _dynamic.TryGetValue(DynamicTag.GnuHash, out ulong gnu) ? HashField(gnu)
            : _dynamic.TryGetValue(DynamicTag.Hash, out ulong hash) ? HashField(hash)
            : throw new InvalidDataException($"{_name} has no symbol hash table.");
        return count >= 1 && count <= (ulong)(_bytes.Length / SymbolBytes)
            ? (int)count
            : throw new InvalidDataException(
                $"{_name} has {count:N0} undefined symbols, more than a file of {_bytes.Length:N0} bytes can hold.");

        // The second word is symoffset in the GNU table and nchain in the older one.
        ulong HashField(ulong address) => BinaryPrimitives.ReadUInt32LittleEndian(
            Slice((ulong)Offset(address, "the hash table") + 4, 4, "the hash table"));
    }

    private ulong NameOffset(int index) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(
        (ulong)Offset(Required(DynamicTag.SymbolTable), "the symbol table") + ((ulong)index * SymbolBytes),
        SymbolBytes,
        "the symbol table"));

    private int VersionSymbolOffset(int index)
    {
        ulong offset = (ulong)Offset(Required(DynamicTag.VersionSymbols), "the symbols' versions") + ((ulong)index * 2);
        Slice(offset, 2, "the symbols' versions");
        return (int)offset;
    }

    private string Name(ulong offset)
    {
        ulong size = Required(DynamicTag.StringTableBytes);
        ulong start = (ulong)Offset(Required(DynamicTag.StringTable), "the string table");
        if (offset >= size)
        {
            throw new InvalidDataException($"{_name} has a name at {offset:N0} of a string table of {size:N0} bytes.");
        }

        ReadOnlySpan<byte> rest = Slice(start + offset, Math.Min(size - offset, MaxNameBytes), "the string table");
        int length = rest.IndexOf((byte)0);
        return length >= 0 ? Encoding.UTF8.GetString(rest[..length]) : throw new InvalidDataException(
            $"{_name} has a name at {offset:N0} of its string table without an end within {rest.Length:N0} bytes.");
    }

    private ulong Required(DynamicTag tag) => _dynamic.TryGetValue(tag, out ulong value)
        ? value
        : throw new InvalidDataException($"{_name} has no entry {tag} in its dynamic section.");

    /// <summary>Where an address of the running library lies in the file.</summary>
    private int Offset(ulong address, string what)
    {
        foreach (ElfSegment segment in Header.Segments)
        {
            if (segment.IsLoaded && address >= segment.Address && address - segment.Address < segment.FileSize)
            {
                // RequiredLength was checked against the file, so this is within it and below 2 GB.
                return (int)(segment.Offset + (address - segment.Address));
            }
        }

        throw new InvalidDataException(
            $"{_name} places {what} at address {address:N0}, which no part of the file covers.");
    }

    private ReadOnlySpan<byte> Slice(ulong offset, ulong length, string what) =>
        offset <= (ulong)_bytes.Length && length <= (ulong)_bytes.Length - offset
            ? _bytes.AsSpan((int)offset, (int)length)
            : throw new InvalidDataException(
                $"{_name} places {what} at {offset:N0}, {length:N0} bytes, beyond its end at {_bytes.Length:N0}.");

    private void CountVersion(ref int visited)
    {
        if (++visited > MaxVersions)
        {
            throw new InvalidDataException(
                $"{_name} has more than {MaxVersions:N0} symbol versions: the list is damaged.");
        }
    }
}
