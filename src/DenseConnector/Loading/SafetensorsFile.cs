using System.Buffers.Binary;

namespace DenseConnector.Loading;

/// <summary>One safetensors file: its tensors by name, and their bytes on demand.</summary>
/// <remarks>
/// <para>
/// The layout: 8 bytes of header length (little-endian), the header as JSON (<see cref="SafetensorsHeader"/>), the
/// data. <see cref="Open"/> checks all of it, and reads no more than the header.
/// </para>
/// <para>
/// Thread-safe: any number of threads may read at once. Whoever opens the file disposes it; a read that another thread
/// has under way then ends with <see cref="ObjectDisposedException"/> or is completed.
/// </para>
/// </remarks>
internal sealed class SafetensorsFile : IDisposable
{
    private const int LengthBytes = sizeof(ulong);
    private const int DefaultChunkBytes = 16 << 20;

    private readonly ReadOnlyFile _file;
    private readonly SafetensorsHeader _header;
    private readonly int _chunkBytes;

    private SafetensorsFile(ReadOnlyFile file, SafetensorsHeader header, int chunkBytes)
    {
        _file = file;
        _header = header;
        _chunkBytes = chunkBytes;
    }

    /// <summary>The path, as it was given to <see cref="Open"/>.</summary>
    public string Path => _file.Path;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors => _header.Tensors;

    /// <summary>The writer's free texts, for example <c>format</c> = <c>pt</c>; empty if there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header against its length; on a failure nothing stays open.</summary>
    /// <param name="path">The file.</param>
    /// <param name="chunkBytes">
    /// The most bytes asked of the operating system at once; cancellation is looked at in between.
    /// </param>
    /// <exception cref="CheckpointException">The file is absent, unreadable, damaged, or of another format.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine is not a 64-bit little-endian one.</exception>
    public static SafetensorsFile Open(string path, int chunkBytes = DefaultChunkBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunkBytes);
        if (!BitConverter.IsLittleEndian || !Environment.Is64BitProcess)
        {
            throw new PlatformNotSupportedException(
                "Weights are stored little-endian and used as they are: this needs a 64-bit little-endian process.");
        }

        ReadOnlyFile? file = ReadOnlyFile.Open(path);
        try
        {
            SafetensorsFile opened = new(file, ReadHeader(file), chunkBytes);
            file = null;
            return opened;
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Copies a tensor's bytes to memory the caller owns.</summary>
    /// <param name="entry">One of <see cref="Tensors"/>.</param>
    /// <param name="destination">Where the bytes go; the caller keeps it in place until the call returns.</param>
    /// <param name="length">How many bytes there is room for: exactly <see cref="TensorEntry.ByteLength"/>.</param>
    /// <param name="cancellationToken">Ends a read between two chunks; the destination is then partly filled.</param>
    /// <exception cref="ArgumentException">The entry is not of this file, or the length is not its length.</exception>
    /// <exception cref="CheckpointException">The file has become shorter, or the device failed.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public unsafe void Read(
        TensorEntry entry, byte* destination, long length, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (!Tensors.TryGetValue(entry.Name, out TensorEntry? own) || !ReferenceEquals(own, entry))
        {
            throw new ArgumentException(
                $"Tensor {QuotedName.Of(entry.Name)} is not an entry of {Path}; take it from {nameof(Tensors)}.",
                nameof(entry));
        }

        if (length != entry.ByteLength)
        {
            throw new ArgumentException(
                $"Tensor {QuotedName.Of(entry.Name)} has {entry.ByteLength} bytes, the destination {length}.",
                nameof(length));
        }

        if (destination is null && length > 0)
        {
            throw new ArgumentNullException(nameof(destination));
        }

        long done = 0;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(_chunkBytes, length - done);
            _file.Read(new Span<byte>(destination + done, count), entry.Offset + done);
            done += count;
        }
        while (done < length);
    }

    /// <inheritdoc cref="Read(TensorEntry, byte*, long, CancellationToken)"/>
    /// <param name="entry">One of <see cref="Tensors"/>.</param>
    /// <param name="destination">Where the bytes go, exactly <see cref="TensorEntry.ByteLength"/> long.</param>
    /// <param name="cancellationToken">Ends a read between two chunks; the destination is then partly filled.</param>
    public unsafe void Read(TensorEntry entry, Span<byte> destination, CancellationToken cancellationToken = default)
    {
        fixed (byte* pointer = destination)
        {
            Read(entry, pointer, destination.Length, cancellationToken);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

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
