namespace DenseConnector.Loading;

/// <summary>One file of <c>torch.save</c>: a ZIP archive of tensors and a pickle that says what they are.</summary>
/// <remarks>
/// <para>
/// The layout, every path under one folder of any name: <c>data.pkl</c>, the pickle (<see cref="PickleReader"/>);
/// <c>data/0</c>, <c>data/1</c>, …, the storages; <c>byteorder</c> in newer files. The pickle is data here, no code
/// runs. <see cref="Open(string, int)"/> checks everything and reads no tensor; a tensor's bytes are read in place.
/// </para>
/// <para>
/// Tensors may share a storage (tied weights, views), as long as each one's own elements are contiguous. Transposed
/// views and those with gaps are refused: no published checkpoint was found to have them.
/// </para>
/// </remarks>
internal sealed class PickleFile : TensorFile
{
    /// <summary>The longest pickle read, in bytes; torch writes some 250 bytes per tensor.</summary>
    public const int MaxPickleBytes = 16 << 20;

    private const string PickleName = "/data.pkl";
    private const string StorageFolder = "/data/";
    private const string ByteOrderName = "/byteorder";
    private const uint ZipSignature = 0x04034B50;
    private const string Remedy = "Download the file again, or save the model as safetensors.";

    private PickleFile(ReadOnlyFile file, IReadOnlyDictionary<string, TensorEntry> tensors, int chunkBytes)
        : base(file, tensors, chunkBytes)
    {
    }

    /// <summary>Opens a file and checks all but its tensors' values; on a failure nothing stays open.</summary>
    /// <param name="path">The file.</param>
    /// <param name="chunkBytes">
    /// The most bytes asked of the operating system at once; cancellation is looked at in between.
    /// </param>
    /// <exception cref="CheckpointException">
    /// The file is absent, unreadable, damaged, of another format, or asks for code to be run.
    /// </exception>
    /// <exception cref="PlatformNotSupportedException">The machine is not a 64-bit little-endian one.</exception>
    public static PickleFile Open(string path, int chunkBytes = DefaultChunkBytes) =>
        Open(path, chunkBytes, static (file, chunk) => new PickleFile(file, ReadTable(file), chunk));

    private static Dictionary<string, TensorEntry> ReadTable(ReadOnlyFile file)
    {
        CheckSignature(file);
        ZipDirectory zip = ZipDirectory.Read(file);
        string root = FindRoot(file, zip);
        CheckByteOrder(file, zip, root);
        (long offset, long length) = zip.Locate(root + PickleName);
        if (length > MaxPickleBytes)
        {
            throw Wrong(file, $"its pickle has {length} bytes, at most {MaxPickleBytes} are read.");
        }

        byte[] pickle = GC.AllocateUninitializedArray<byte>((int)length);
        file.Read(pickle, offset);
        if (PickleReader.Read(file.Path, pickle) is not PickledDictionary dictionary)
        {
            throw Wrong(file, "holds no dictionary of tensors (a model's state_dict).");
        }

        Dictionary<string, TensorEntry> tensors = new(StringComparer.Ordinal);
        Dictionary<string, (long Offset, long Length)> storages = new(StringComparer.Ordinal);
        foreach ((string name, object? value) in dictionary.Items)
        {
            PickledTensor tensor = value as PickledTensor ?? throw Wrong(
                file, "is no tensor. The file has to hold a model's state_dict and nothing else.", name);
            string key = tensor.Storage.Key;
            if (!storages.TryGetValue(key, out (long Offset, long Length) place))
            {
                place = zip.Locate(root + StorageFolder + key);
                storages.Add(key, place);
            }

            tensors.Add(name, Describe(file, name, tensor, place));
        }

        return tensors;
    }

    private static void CheckSignature(ReadOnlyFile file)
    {
        Span<byte> start = stackalloc byte[sizeof(uint)];
        if (file.Length < start.Length)
        {
            throw Wrong(file, $"has {file.Length} bytes; a file of torch.save has more.");
        }

        file.Read(start, 0);
        if (System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(start) == ZipSignature)
        {
            return;
        }

        throw start[0] == (byte)PickleOpcode.Proto
            ? new CheckpointException(
                file.Path,
                "is in the format of torch.save before PyTorch 1.6, expected a ZIP archive. Load and save it again " +
                "with a newer PyTorch, or save the model as safetensors.")
            {
                Expected = "a ZIP archive",
                Found = "a bare pickle",
            }
            : Wrong(file, $"starts with the bytes {Convert.ToHexString(start)}, expected a ZIP archive of torch.save.");
    }

    private static string FindRoot(ReadOnlyFile file, ZipDirectory zip)
    {
        string? root = null;
        foreach (string name in zip.Names)
        {
            if (name.EndsWith(PickleName, StringComparison.Ordinal) &&
                name.IndexOf('/', StringComparison.Ordinal) == name.Length - PickleName.Length)
            {
                root = root is null
                    ? name[..^PickleName.Length]
                    : throw Wrong(file, "has more than one data.pkl.");
            }
        }

        return root ?? throw Wrong(file, "is a ZIP archive without a data.pkl, so torch.save did not write it.");
    }

    private static void CheckByteOrder(ReadOnlyFile file, ZipDirectory zip, string root)
    {
        if (!zip.Has(root + ByteOrderName))
        {
            // Files from before the entry existed were written on little-endian machines.
            return;
        }

        (long offset, long length) = zip.Locate(root + ByteOrderName);
        Span<byte> order = stackalloc byte[8];
        order = order[..(int)Math.Min(length, order.Length)];
        file.Read(order, offset);
        if (!order.SequenceEqual("little"u8))
        {
            throw Wrong(file, "was written on a big-endian machine (its entry byteorder), expected little-endian.");
        }
    }

    private static TensorEntry Describe(
        ReadOnlyFile file, string name, PickledTensor tensor, (long Offset, long Length) place)
    {
        PickledStorage storage = tensor.Storage;
        int size = storage.Type.Bits() / 8;
        if ((Int128)storage.Count * size != place.Length)
        {
            throw Wrong(
                file,
                $"lies in a storage of {storage.Count} {storage.Type}, but the archive has {place.Length} bytes of it.",
                name);
        }

        if (tensor.Strides.Length != tensor.Shape.Length)
        {
            throw Wrong(file, $"has {tensor.Shape.Length} sizes, but {tensor.Strides.Length} strides.", name);
        }

        // Each factor stays below 2^63, so that the product always fits.
        Int128 count = 1;
        bool contiguous = true;
        for (int i = tensor.Shape.Length - 1; i >= 0; i--)
        {
            // PyTorch leaves the stride of a lone row open.
            contiguous &= tensor.Shape[i] == 1 || tensor.Strides[i] == count;
            count *= tensor.Shape[i];
            if (count > long.MaxValue)
            {
                throw Wrong(file, $"has a shape of more than {long.MaxValue} elements.", name);
            }
        }

        if (count > 0 && !contiguous)
        {
            throw Wrong(
                file,
                $"of shape [{string.Join(", ", tensor.Shape)}] is stored transposed or with gaps (strides " +
                $"[{string.Join(", ", tensor.Strides)}]), expected one element after the other.",
                name);
        }

        if (tensor.Offset < 0 || tensor.Offset + count > storage.Count)
        {
            throw Wrong(
                file,
                $"takes elements {tensor.Offset} to {tensor.Offset + count} of a storage that has {storage.Count}.",
                name);
        }

        return new TensorEntry(
            name, storage.Type, tensor.Shape, place.Offset + (tensor.Offset * size), (long)count * size);
    }

    private static CheckpointException Wrong(ReadOnlyFile file, string problem, string? tensor = null)
    {
        string subject = tensor is null ? string.Empty : $"tensor {QuotedName.Of(tensor)} ";
        return new CheckpointException(file.Path, $"{subject}{problem} {Remedy}") { Tensor = tensor };
    }
}
