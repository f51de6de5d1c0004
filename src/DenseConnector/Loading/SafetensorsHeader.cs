using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace DenseConnector.Loading;

/// <summary>The JSON header of a safetensors file, checked in full before anything of it is handed out.</summary>
/// <remarks>
/// <para>
/// Accepts what the official reader accepts (huggingface/safetensors, <c>safetensors/src/tensor.rs</c>,
/// <c>read_metadata</c> and <c>validate</c>), unknown keys within a tensor's description and a <c>null</c> in place of
/// the metadata included. Stricter on purpose where the format's description is (the header starts with <c>{</c>, no
/// key stands twice, a tensor's description is an object), and where memory has to be bounded:
/// <see cref="MaxKeys"/>, <see cref="MaxRank"/>. The official reader's sub-byte types are not known here.
/// </para>
/// <para>Immutable, hence thread-safe.</para>
/// </remarks>
internal sealed class SafetensorsHeader
{
    /// <summary>The longest header read, in bytes; the official reader's limit.</summary>
    public const int MaxBytes = 100_000_000;

    /// <summary>The most tensors and metadata entries together; the largest models have some ten thousand.</summary>
    public const int MaxKeys = 1_000_000;

    /// <summary>The most dimensions of a tensor; NumPy's limit, far above any model's need.</summary>
    public const int MaxRank = 64;

    private const string MetadataKey = "__metadata__";
    private const int MaxNumberShown = 40;
    private const string Remedy = "Download the file again, or write it with a safetensors library.";

    private readonly string _file;
    private readonly long _dataStart;
    private readonly long _dataLength;
    private readonly Dictionary<string, TensorEntry> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string file, long dataStart, long dataLength)
    {
        _file = file;
        _dataStart = dataStart;
        _dataLength = dataLength;
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors => _tensors;

    /// <summary>The free texts under <c>__metadata__</c>; empty if there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Reads and checks a header.</summary>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="json">The header's bytes, without the length before them.</param>
    /// <param name="dataStart">Where the tensors' data starts, in bytes from the start of the file.</param>
    /// <param name="dataLength">How many bytes of data the file has.</param>
    /// <exception cref="CheckpointException">
    /// The header is not as the format asks, or does not describe exactly the bytes that follow it.
    /// </exception>
    public static SafetensorsHeader Parse(string file, ReadOnlySpan<byte> json, long dataStart, long dataLength)
    {
        SafetensorsHeader header = new(file, dataStart, dataLength);
        if (!Utf8.IsValid(json))
        {
            throw header.Wrong("its header is not valid UTF-8.");
        }

        if (json.IsEmpty || json[0] != (byte)'{')
        {
            string found = json.IsEmpty ? "nothing" : $"byte 0x{json[0]:X2}";
            throw header.Wrong($"its header starts with {found}, expected '{{'.", expected: "{", found: found);
        }

        Utf8JsonReader reader = new(json, StrictJson.Options);
        try
        {
            header.ReadRoot(ref reader);
        }
        catch (JsonException e)
        {
            throw header.Wrong($"its header is not valid JSON ({e.Message}).", cause: e);
        }

        header.CheckLayout();
        return header;
    }

    private void ReadRoot(ref Utf8JsonReader reader)
    {
        bool hasMetadata = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = StrictJson.Text(ref reader);
            reader.Read();
            if (name != MetadataKey)
            {
                ReadTensor(ref reader, name);
            }
            else if (!hasMetadata)
            {
                hasMetadata = true;
                ReadMetadata(ref reader);
            }
            else
            {
                throw Wrong($"its header has '{MetadataKey}' twice.");
            }
        }

        // Past the closing brace only white space may follow; anything else makes this call throw.
        reader.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Wrong($"its '{MetadataKey}' is {StrictJson.Kind(reader.TokenType)}, expected an object of strings.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = StrictJson.Text(ref reader);
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                string kind = StrictJson.Kind(reader.TokenType);
                throw Wrong($"its '{MetadataKey}' has {QuotedName.Of(key)} as {kind}, expected a string.");
            }

            if (!_metadata.TryAdd(key, StrictJson.Text(ref reader)))
            {
                throw Wrong($"its '{MetadataKey}' has {QuotedName.Of(key)} twice.");
            }

            CheckKeyCount();
        }
    }

    private void ReadTensor(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Wrong(
                $"is described by {StrictJson.Kind(reader.TokenType)}, expected an object with 'dtype', 'shape' " +
                "and 'data_offsets'.",
                name);
        }

        TensorType? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = StrictJson.Text(ref reader);
            reader.Read();
            bool repeated = false;
            switch (key)
            {
                case "dtype":
                    repeated = type is not null;
                    type = ReadType(ref reader, name);
                    break;
                case "shape":
                    repeated = shape is not null;
                    shape = ReadIntegers(ref reader, name, key, MaxRank);
                    break;
                case "data_offsets":
                    repeated = offsets is not null;
                    offsets = ReadIntegers(ref reader, name, key, 2);
                    break;
                default:
                    reader.Skip();
                    break;
            }

            if (repeated)
            {
                throw Wrong($"has '{key}' twice.", name);
            }
        }

        TensorEntry entry = Describe(
            name,
            type ?? throw Wrong("has no 'dtype'.", name),
            shape ?? throw Wrong("has no 'shape'.", name),
            offsets ?? throw Wrong("has no 'data_offsets'.", name));
        if (!_tensors.TryAdd(name, entry))
        {
            throw Wrong("stands twice in the header.", name);
        }

        CheckKeyCount();
    }

    private TensorType ReadType(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw Wrong($"has a 'dtype' that is {StrictJson.Kind(reader.TokenType)}, expected a string.", name);
        }

        string text = StrictJson.Text(ref reader);
        return TensorTypes.TryParse(text, out TensorType type)
            ? type
            : throw Wrong(
                $"has dtype {QuotedName.Of(text)}, known are {TensorTypes.Names}.", name, TensorTypes.Names, text);
    }

    private long[] ReadIntegers(ref Utf8JsonReader reader, string name, string key, int limit)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            string kind = StrictJson.Kind(reader.TokenType);
            throw Wrong($"has a '{key}' that is {kind}, expected an array of integers.", name);
        }

        Span<long> numbers = stackalloc long[limit];
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // Unsigned, because the signed call takes "-0"; fractions and exponents are refused by both.
            if (reader.TokenType != JsonTokenType.Number ||
                !reader.TryGetUInt64(out ulong number) || number > long.MaxValue)
            {
                string found = reader.TokenType == JsonTokenType.Number
                    ? Encoding.UTF8.GetString(reader.ValueSpan[..Math.Min(reader.ValueSpan.Length, MaxNumberShown)])
                    : StrictJson.Kind(reader.TokenType);
                throw Wrong(
                    $"has {found} in '{key}', expected integers from 0 to {long.MaxValue}.", name, found: found);
            }

            if (count == limit)
            {
                throw Wrong($"has more than {limit} numbers in '{key}'.", name, $"{limit} at most");
            }

            numbers[count++] = (long)number;
        }

        return numbers[..count].ToArray();
    }

    private TensorEntry Describe(string name, TensorType type, long[] shape, long[] offsets)
    {
        if (offsets is not [long begin, long end])
        {
            throw Wrong($"has {offsets.Length} numbers in 'data_offsets', expected 2.", name, "2", $"{offsets.Length}");
        }

        if (begin > end)
        {
            throw Wrong($"has data_offsets [{begin}, {end}], expected the first not to exceed the second.", name);
        }

        // Both factors stay below 2^63, so that the product always fits.
        Int128 count = 1;
        foreach (long dimension in shape)
        {
            count *= dimension;
            if (count > long.MaxValue)
            {
                throw Wrong($"has a shape of more than {long.MaxValue} elements.", name);
            }
        }

        Int128 bits = count * type.Bits();
        if ((Int128)(end - begin) * 8 != bits)
        {
            throw Wrong(
                $"has {end - begin} bytes of data, expected {bits / 8} for {type} of shape " +
                $"[{string.Join(", ", shape)}].",
                name,
                $"{bits / 8} bytes",
                $"{end - begin} bytes");
        }

        if (end > _dataLength)
        {
            throw Wrong(
                $"ends at byte {end} of the data, of which the file has {_dataLength}: the file is cut short, or its " +
                "header is wrong.",
                name,
                $"{end} bytes of data or more",
                $"{_dataLength} bytes of data");
        }

        return new TensorEntry(name, type, shape, _dataStart + begin, end - begin);
    }

    /// <summary>Checks that the tensors, by offset, cover all of the data without holes or overlaps.</summary>
    private void CheckLayout()
    {
        // An empty tensor comes before the one that starts at the same byte.
        TensorEntry? previous = null;
        long position = _dataStart;
        foreach (TensorEntry entry in _tensors.Values.OrderBy(entry => entry.Offset).ThenBy(entry => entry.ByteLength))
        {
            if (entry.Offset != position)
            {
                string where = entry.Offset > position
                    ? $"leaving {entry.Offset - position} bytes before it that belong to no tensor"
                    : $"inside tensor {QuotedName.Of(previous!.Name)}";
                throw Wrong(
                    $"starts at byte {entry.Offset - _dataStart} of the data, {where}; expected byte " +
                    $"{position - _dataStart}.",
                    entry.Name,
                    $"{position - _dataStart}",
                    $"{entry.Offset - _dataStart}");
            }

            position += entry.ByteLength;
            previous = entry;
        }

        long covered = position - _dataStart;
        if (covered != _dataLength)
        {
            throw Wrong(
                $"its tensors take {covered} bytes of data, but {_dataLength} follow the header.",
                expected: $"{covered} bytes of data",
                found: $"{_dataLength} bytes of data");
        }
    }

    private void CheckKeyCount()
    {
        if (_tensors.Count + _metadata.Count > MaxKeys)
        {
            throw Wrong($"its header has more than {MaxKeys} tensors and metadata entries.", expected: $"{MaxKeys}");
        }
    }

    private CheckpointException Wrong(
        string problem,
        string? tensor = null,
        string? expected = null,
        string? found = null,
        Exception? cause = null)
    {
        string subject = tensor is null ? string.Empty : $"tensor {QuotedName.Of(tensor)} ";
        return new CheckpointException(_file, $"{subject}{problem} {Remedy}", cause)
        {
            Tensor = tensor,
            Expected = expected,
            Found = found,
        };
    }
}
