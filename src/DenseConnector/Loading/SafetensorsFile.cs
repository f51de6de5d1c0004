using System.Buffers.Binary;

namespace DenseConnector.Loading;

/// <summary>One safetensors file.</summary>
/// <remarks>
/// The layout: 8 bytes of header length (little-endian), the header as JSON (<see cref="SafetensorsHeader"/>), the
/// data. <see cref="Open(string, int)"/> checks all of it, and reads no more than the header.
/// </remarks>
internal sealed class SafetensorsFile : TensorFile
{
    private const int LengthBytes = sizeof(ulong);

    private readonly SafetensorsHeader _header;

    private SafetensorsFile(ReadOnlyFile file, SafetensorsHeader header, int chunkBytes)
        : base(file, header.Tensors, chunkBytes) => _header = header;

    /// <summary>The writer's free texts, for example <c>format</c> = <c>pt</c>; empty if there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header against its length; on a failure nothing stays open.</summary>
    /// <param name="path">The file.</param>
    /// <param name="chunkBytes">
    /// The most bytes asked of the operating system at once; cancellation is looked at in between.
    /// </param>
    /// <exception cref="CheckpointException">The file is absent, unreadable, damaged, or of another format.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine is not a 64-bit little-endian one.</exception>
    public static SafetensorsFile Open(string path, int chunkBytes = DefaultChunkBytes) =>
        Open(path, chunkBytes, static (file, chunk) => new SafetensorsFile(file, ReadHeader(file), chunk));

    private static SafetensorsHeader ReadHeader(ReadOnlyFile file)
    {
        if (file.Length < LengthBytes)
        {
            throw new CheckpointException(
                file.Path,
                $"has {file.Length} bytes, a safetensors file has at least {LengthBytes}. Download the file again.")
            {
                Expected = $"{LengthBytes} bytes or more",
                Found = $"{file.Length} bytes",
            };
        }

        Span<byte> lengthBytes = stackalloc byte[LengthBytes];
        file.Read(lengthBytes, 0);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);

        // Against both limits before anything is allocated; the second cannot overflow, the file being longer.
        long limit = Math.Min(SafetensorsHeader.MaxBytes, file.Length - LengthBytes);
        if (length > (ulong)limit)
        {
            string reason = limit == SafetensorsHeader.MaxBytes
                ? $"at most {limit} are accepted"
                : $"{limit} follow: the file is cut short, or not a safetensors file. Download the file again";
            throw new CheckpointException(file.Path, $"says its header has {length} bytes, but {reason}.")
            {
                Expected = $"{limit} bytes at most",
                Found = $"{length} bytes",
            };
        }

        byte[] header = GC.AllocateUninitializedArray<byte>((int)length);
        file.Read(header, LengthBytes);
        long dataStart = LengthBytes + header.Length;
        return SafetensorsHeader.Parse(file.Path, header, dataStart, file.Length - dataStart);
    }
}
