using System.Buffers.Binary;
using System.Text.Json;

namespace DenseConnector.Loading;

/// <summary>
/// Writes a safetensors file front to back: the header at once, then each tensor's bytes in its order.
/// </summary>
/// <remarks>
/// The bytes go to a file beside the one asked for, which appears under its name when it is whole. Tensors start at
/// multiples of <see cref="Alignment"/> bytes as far as their lengths allow: a file whose tensors' lengths are all
/// multiples of it can be mapped and computed on in place. Used by one thread.
/// </remarks>
internal sealed class SafetensorsWriter : IDisposable
{
    /// <summary>Where the first tensor's data starts is a multiple of so many bytes: a cache line's.</summary>
    public const int Alignment = 64;

    private readonly string _path;
    private readonly FileStream _stream;
    private readonly long _length;
    private bool _complete;

    /// <summary>Creates the file and writes its header.</summary>
    /// <param name="path">The file; one that is there is replaced in the end.</param>
    /// <param name="tensors">Name, type and shape of each tensor, in the order in which their bytes will come.</param>
    /// <param name="metadata">Free texts for <c>__metadata__</c>.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public SafetensorsWriter(
        string path,
        IReadOnlyList<(string Name, TensorType Type, IReadOnlyList<long> Shape)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        byte[] header = MakeHeader(tensors, metadata, out long dataLength);
        _path = path;
        _length = sizeof(long) + header.Length + dataLength;
        _stream = new FileStream(path + ".partial", FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        Span<byte> headerLength = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(headerLength, header.Length);
        _stream.Write(headerLength);
        _stream.Write(header);
    }

    /// <summary>The bytes a tensor takes.</summary>
    public static long ByteLength(TensorType type, IEnumerable<long> shape) =>
        shape.Aggregate(1L, (product, length) => checked(product * length)) * type.Bits() / 8;

    /// <summary>Appends bytes of the tensor whose turn it is, as many at a time as is convenient.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>Ends the file and gives it its name.</summary>
    /// <exception cref="InvalidOperationException">More or fewer bytes came than the tensors have.</exception>
    public void Complete()
    {
        if (_stream.Position != _length)
        {
            throw new InvalidOperationException($"The tensors end at byte {_length}, the file at {_stream.Position}.");
        }

        _stream.Dispose();
        File.Move(_stream.Name, _path, overwrite: true);
        _complete = true;
    }

    /// <summary>Closes the file; one that was not completed is removed.</summary>
    public void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        finally
        {
            // Also where the disk is full, and the last bytes cannot be written.
            if (!_complete)
            {
                File.Delete(_stream.Name);
            }
        }
    }

    private static byte[] MakeHeader(
        IReadOnlyList<(string Name, TensorType Type, IReadOnlyList<long> Shape)> tensors,
        IReadOnlyDictionary<string, string>? metadata,
        out long dataLength)
    {
        using MemoryStream buffer = new();
        using Utf8JsonWriter json = new(buffer);
        json.WriteStartObject();
        if (metadata is { Count: > 0 })
        {
            json.WriteStartObject("__metadata__");
            foreach ((string key, string value) in metadata)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        }

        dataLength = 0;
        foreach ((string name, TensorType type, IReadOnlyList<long> shape) in tensors)
        {
            long end = dataLength + ByteLength(type, shape);
            json.WriteStartObject(name);
            json.WriteString("dtype", type.ToString());
            WriteNumbers("shape", shape);
            WriteNumbers("data_offsets", [dataLength, end]);
            json.WriteEndObject();
            dataLength = end;
        }

        json.WriteEndObject();
        json.Flush();
        while ((sizeof(long) + buffer.Length) % Alignment != 0)
        {
            buffer.WriteByte((byte)' '); // The format allows spaces behind the header.
        }

        return buffer.ToArray();

        void WriteNumbers(string key, IEnumerable<long> numbers)
        {
            json.WriteStartArray(key);
            foreach (long number in numbers)
            {
                json.WriteNumberValue(number);
            }

            json.WriteEndArray();
        }
    }
}
