namespace DenseConnector.Loading;

/// <summary>One weight file of any format: its tensors by name, and their bytes on demand.</summary>
/// <remarks>
/// A format is the table of where each tensor's bytes lie; its class makes that table, checked in full, when the file
/// is opened. Thread-safe: any number of threads may read at once. Whoever opens the file disposes it; a read that
/// another thread has under way then ends with <see cref="ObjectDisposedException"/> or is completed.
/// </remarks>
internal abstract class TensorFile : IDisposable
{
    /// <summary>The name of every safetensors file ends in it.</summary>
    public const string SafetensorsSuffix = ".safetensors";

    /// <summary>The name of every file that PyTorch wrote ends in it.</summary>
    public const string PickleSuffix = ".bin";

    /// <summary>The most bytes asked of the operating system at once, unless a test says otherwise.</summary>
    protected const int DefaultChunkBytes = 16 << 20;

    private readonly ReadOnlyFile _file;
    private readonly int _chunkBytes;
    private readonly Lazy<MappedFile?> _mapped;

    /// <summary>Takes over an open file and the table of its tensors.</summary>
    protected TensorFile(ReadOnlyFile file, IReadOnlyDictionary<string, TensorEntry> tensors, int chunkBytes)
    {
        _file = file;
        _chunkBytes = chunkBytes;
        _mapped = new Lazy<MappedFile?>(file.TryMap);
        Tensors = tensors;
    }

    /// <summary>The path, as it was given when the file was opened.</summary>
    public string Path => _file.Path;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors { get; }

    /// <summary>
    /// The file as memory, mapped when it is first asked for; <c>null</c> if the system does not map it.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The file was closed before it was first asked for.</exception>
    public MappedFile? Mapped => _mapped.Value;

    /// <summary>Opens a file of the format its name ends in; on a failure nothing stays open.</summary>
    /// <exception cref="CheckpointException">The file is absent, unreadable, damaged, or of another format.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine is not a 64-bit little-endian one.</exception>
    public static TensorFile Open(string path) => path.EndsWith(PickleSuffix, StringComparison.Ordinal)
        ? PickleFile.Open(path)
        : SafetensorsFile.Open(path);

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
        if (length != entry.ByteLength)
        {
            throw new ArgumentException(
                $"Tensor {QuotedName.Of(entry.Name)} has {entry.ByteLength} bytes, the destination {length}.",
                nameof(length));
        }

        ReadPart(entry, 0, destination, length, cancellationToken);
    }

    /// <summary>Copies some of a tensor's bytes to memory the caller owns.</summary>
    /// <param name="entry">One of <see cref="Tensors"/>.</param>
    /// <param name="start">The first byte, counted from the tensor's.</param>
    /// <param name="destination">Where the bytes go; the caller keeps it in place until the call returns.</param>
    /// <param name="length">How many bytes.</param>
    /// <param name="cancellationToken">Ends a read between two chunks; the destination is then partly filled.</param>
    /// <exception cref="ArgumentException">The entry is not of this file, or has no such bytes.</exception>
    /// <exception cref="CheckpointException">The file has become shorter, or the device failed.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public unsafe void ReadPart(
        TensorEntry entry,
        long start,
        byte* destination,
        long length,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (!Tensors.TryGetValue(entry.Name, out TensorEntry? own) || !ReferenceEquals(own, entry))
        {
            throw new ArgumentException(
                $"Tensor {QuotedName.Of(entry.Name)} is not an entry of {Path}; take it from {nameof(Tensors)}.",
                nameof(entry));
        }

        if (start < 0 || length < 0 || start > entry.ByteLength - length)
        {
            throw new ArgumentException(
                $"Tensor {QuotedName.Of(entry.Name)} has {entry.ByteLength} bytes, not {length} from byte {start} on.",
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
            _file.Read(new Span<byte>(destination + done, count), entry.Offset + start + done);
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

    /// <summary>Closes the file; tensors over its mapped memory stay.</summary>
    public void Dispose()
    {
        _file.Dispose();
        if (_mapped.IsValueCreated)
        {
            _mapped.Value?.Dispose();
        }
    }

    /// <summary>Opens a file and has its table made; on a failure nothing stays open.</summary>
    protected static T Open<T>(string path, int chunkBytes, Func<ReadOnlyFile, int, T> create)
        where T : TensorFile
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
            T opened = create(file, chunkBytes);
            file = null;
            return opened;
        }
        finally
        {
            file?.Dispose();
        }
    }
}
