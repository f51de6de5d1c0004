using System.Buffers.Binary;
using System.Text;

namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>A structure of Thrift's compact form, in which Parquet describes itself: fields by number.</summary>
internal sealed class ThriftStruct
{
    // No description goes deeper; what does is damaged.
    private const int DeepestNesting = 16;

    private readonly Dictionary<int, object> _fields = [];

    private ThriftStruct()
    {
    }

    private enum Kind
    {
        True = 1,
        False = 2,
        Byte = 3,
        Short = 4,
        Int = 5,
        Long = 6,
        Double = 7,
        Binary = 8,
        List = 9,
        Set = 10,
        Map = 11,
        Struct = 12,
    }

    /// <summary>Reads a structure.</summary>
    /// <exception cref="InvalidDataException">The bytes hold none.</exception>
    public static ThriftStruct Read(ByteReader bytes) => Read(bytes, depth: 0);

    /// <summary>A whole number; <c>null</c> if it is not given.</summary>
    public long? TryNumber(int field) => _fields.GetValueOrDefault(field) as long?;

    /// <summary>A whole number.</summary>
    /// <exception cref="InvalidDataException">It is missing.</exception>
    public long Number(int field, string name) => TryNumber(field) ?? throw Missing(name);

    /// <summary>A size or count, which is not negative and fits into memory.</summary>
    /// <exception cref="InvalidDataException">It is missing or no such number.</exception>
    public int Size(int field, string name) => Number(field, name) is >= 0 and <= int.MaxValue and long size
        ? (int)size
        : throw new InvalidDataException($"found {Number(field, name)} as '{name}'");

    /// <summary>Whether a field says no; one that is not given says nothing.</summary>
    public bool IsFalse(int field) => _fields.GetValueOrDefault(field) is false;

    /// <summary>A text.</summary>
    /// <exception cref="InvalidDataException">It is missing.</exception>
    public string Text(int field, string name) => _fields.GetValueOrDefault(field) is ReadOnlyMemory<byte> text
        ? Encoding.UTF8.GetString(text.Span)
        : throw Missing(name);

    /// <summary>A structure inside this one; <c>null</c> if it is not given.</summary>
    public ThriftStruct? TryStruct(int field) => _fields.GetValueOrDefault(field) as ThriftStruct;

    /// <summary>A structure inside this one.</summary>
    /// <exception cref="InvalidDataException">It is missing.</exception>
    public ThriftStruct Struct(int field, string name) => TryStruct(field) ?? throw Missing(name);

    /// <summary>A list of structures.</summary>
    /// <exception cref="InvalidDataException">It is missing.</exception>
    public IReadOnlyList<ThriftStruct> Structs(int field, string name) =>
        _fields.GetValueOrDefault(field) is List<object> items && items.TrueForAll(item => item is ThriftStruct)
            ? [.. items.Cast<ThriftStruct>()]
            : throw Missing(name);

    /// <summary>Whether a field is given.</summary>
    public bool Has(int field) => _fields.ContainsKey(field);

    private static ThriftStruct Read(ByteReader bytes, int depth)
    {
        if (depth > DeepestNesting)
        {
            throw new InvalidDataException($"found more than {DeepestNesting} structures inside each other");
        }

        ThriftStruct fields = new();
        int field = 0;
        while (bytes.Byte() is not 0 and byte head)
        {
            // The high half says how much further the number is, the low half of what kind the field is.
            int step = head >> 4;
            field = step == 0 ? (int)Signed(bytes.Number()) : field + step;
            fields._fields[field] = (Kind)(head & 0xF) switch
            {
                Kind.True => true,
                Kind.False => false,
                Kind kind => Value(bytes, kind, depth),
            };
        }

        return fields;
    }

    private static object Value(ByteReader bytes, Kind kind, int depth) => kind switch
    {
        Kind.True or Kind.False => bytes.Byte() == (byte)Kind.True,
        Kind.Byte => (long)(sbyte)bytes.Byte(),
        Kind.Short or Kind.Int or Kind.Long => Signed(bytes.Number()),
        Kind.Double => BinaryPrimitives.ReadDoubleLittleEndian(bytes.Take(sizeof(double)).Span),
        Kind.Binary => bytes.Take(Count(bytes.Number())),
        Kind.List or Kind.Set => Items(bytes, depth),
        Kind.Map => Pairs(bytes, depth),
        Kind.Struct => Read(bytes, depth + 1),
        _ => throw new InvalidDataException($"found a field of the unknown kind {(int)kind}"),
    };

    private static List<object> Items(ByteReader bytes, int depth)
    {
        const int CountFollows = 0xF;
        byte head = bytes.Byte();
        int count = head >> 4 == CountFollows ? Count(bytes.Number()) : head >> 4;
        List<object> items = [];
        for (int i = 0; i < count; i++)
        {
            items.Add(Value(bytes, (Kind)(head & 0xF), depth + 1));
        }

        return items;
    }

    private static List<object> Pairs(ByteReader bytes, int depth)
    {
        int count = Count(bytes.Number());
        int kinds = count == 0 ? 0 : bytes.Byte();
        List<object> pairs = [];
        for (int i = 0; i < count; i++)
        {
            pairs.Add(Value(bytes, (Kind)(kinds >> 4), depth + 1));
            pairs.Add(Value(bytes, (Kind)(kinds & 0xF), depth + 1));
        }

        return pairs;
    }

    private static int Count(ulong count) => count <= int.MaxValue
        ? (int)count
        : throw new InvalidDataException($"found {count} as a count");

    /// <summary>Signs alternate: 0, -1, 1, -2 and so on.</summary>
    private static long Signed(ulong number) => (long)(number >> 1) ^ -(long)(number & 1);

    private static InvalidDataException Missing(string name) => new($"'{name}' is missing");
}
