using System.Buffers.Binary;

namespace DenseConnector.Loading;

/// <summary>
/// The header and program headers of a 64-bit little-endian ELF file: enough to tell its processor and whether it is
/// complete, without reading the rest of a library of several hundred megabytes.
/// </summary>
internal sealed class ElfHeader
{
    /// <summary><c>e_machine</c> of x86-64.</summary>
    public const ushort X64 = 62;

    /// <summary><c>e_machine</c> of 64-bit Arm.</summary>
    public const ushort Arm64 = 183;

    private const int HeaderBytes = 64;
    private const int ProgramHeaderBytes = 56;
    private const ushort SharedObject = 3;

    // Real libraries have about ten; a larger number is an extension (PN_XNUM) that no library of ours uses.
    private const int MaxProgramHeaders = 256;

    private ElfHeader(ushort machine, IReadOnlyList<ElfSegment> segments)
    {
        Machine = machine;
        Segments = segments;
        RequiredLength = segments.Where(segment => segment.IsLoaded || segment.IsDynamic)
            .Select(segment => segment.Offset + segment.FileSize).DefaultIfEmpty(0UL).Max();
    }

    /// <summary>The processor the file is made for (<c>e_machine</c>).</summary>
    public ushort Machine { get; }

    /// <summary>The program headers in file order.</summary>
    public IReadOnlyList<ElfSegment> Segments { get; }

    /// <summary>The bytes the file must have; mapping a shorter one succeeds and kills the process at use.</summary>
    public ulong RequiredLength { get; }

    /// <summary>The processor's name as messages show it.</summary>
    public string MachineName => NameOf(Machine);

    /// <summary>The name of a processor number.</summary>
    public static string NameOf(ushort machine) => machine switch
    {
        3 => "x86",
        40 => "Arm (32 bit)",
        X64 => "x86-64",
        Arm64 => "Arm64",
        _ => $"ELF machine {machine}",
    };

    /// <summary>Reads the header of a file.</summary>
    /// <param name="name">The file's name for messages.</param>
    /// <param name="stream">The whole file; must be seekable.</param>
    /// <exception cref="InvalidDataException">It is not a complete ELF64 little-endian shared library.</exception>
    public static ElfHeader Read(string name, Stream stream)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        ReadAt(name, stream, 0, header, "the ELF header");
        if (!header[..4].SequenceEqual("\u007fELF"u8))
        {
            string start = Convert.ToHexString(header[..4]);
            throw new InvalidDataException($"{name} is not an ELF file: it starts with {start}.");
        }

        if (header[4] != 2 || header[5] != 1)
        {
            throw new InvalidDataException(
                $"{name} has ELF class {header[4]} and byte order {header[5]}, expected 2 (64 bit) and 1 (little " +
                "endian).");
        }

        ushort type = BinaryPrimitives.ReadUInt16LittleEndian(header[16..]);
        ushort entryBytes = BinaryPrimitives.ReadUInt16LittleEndian(header[54..]);
        ushort count = BinaryPrimitives.ReadUInt16LittleEndian(header[56..]);
        if (type != SharedObject || entryBytes != ProgramHeaderBytes || count is 0 or > MaxProgramHeaders)
        {
            throw new InvalidDataException(
                $"{name} has ELF type {type} and {count} program headers of {entryBytes} bytes, expected type " +
                $"{SharedObject} (shared library) and 1 to {MaxProgramHeaders} of {ProgramHeaderBytes}.");
        }

        ulong tableOffset = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        byte[] table = new byte[count * ProgramHeaderBytes];
        ReadAt(name, stream, tableOffset, table, "the program headers");
        ElfSegment[] segments = new ElfSegment[count];
        for (int i = 0; i < count; i++)
        {
            segments[i] = ElfSegment.Read(table.AsSpan(i * ProgramHeaderBytes, ProgramHeaderBytes));
            if (segments[i].FileSize > ulong.MaxValue - segments[i].Offset)
            {
                throw new InvalidDataException($"{name} has a program header whose end is beyond 64 bits.");
            }
        }

        ElfHeader result = new(BinaryPrimitives.ReadUInt16LittleEndian(header[18..]), segments);
        return result.RequiredLength <= (ulong)stream.Length ? result : throw new InvalidDataException(
            $"{name} is incomplete: it has {stream.Length:N0} bytes, its headers ask for {result.RequiredLength:N0}.");
    }

    private static void ReadAt(string name, Stream stream, ulong offset, Span<byte> target, string what)
    {
        ulong length = (ulong)stream.Length;
        if (offset > length || (ulong)target.Length > length - offset)
        {
            throw new InvalidDataException(
                $"{name} is incomplete: it has {length:N0} bytes, {what} needs {target.Length:N0} at {offset:N0}.");
        }

        stream.Position = (long)offset;
        stream.ReadExactly(target);
    }
}
