using System.Buffers.Binary;

namespace DenseConnector.Text;

/// <summary>
/// Walks the fields of one protobuf message in memory; nothing is copied and every length is checked first.
/// </summary>
/// <remarks>
/// Use: <c>while (reader.Next()) switch (reader.Field)</c>, reading or skipping each value exactly once.
/// </remarks>
internal ref struct ProtobufReader
{
    private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    private readonly string _file;
    private ReadOnlySpan<byte> _rest;
    private int _type;

    /// <summary>Starts at the message's first byte.</summary>
    /// <param name="message">The encoded message.</param>
    /// <param name="file">The file it comes from, for errors.</param>
    public ProtobufReader(ReadOnlySpan<byte> message, string file)
    {
        _rest = message;
        _file = file;
    }

    /// <summary>The number of the field that stands before its value.</summary>
    public int Field { get; private set; }

    /// <summary>Goes to the next field; <c>false</c> at the message's end.</summary>
    /// <exception cref="CheckpointException">The bytes are not a field's tag.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        ulong tag = Number();
        _type = (int)(tag & 7);
        Field = tag >> 3 is >= 1 and <= int.MaxValue ? (int)(tag >> 3) : throw Damaged($"has a field tag {tag}");
        return true;
    }

    /// <summary>Reads a variable-length integer.</summary>
    /// <exception cref="CheckpointException">The field has another type, or the bytes end.</exception>
    public ulong ReadNumber()
    {
        Expect(Varint);
        return Number();
    }

    /// <summary>Reads a truth value.</summary>
    /// <exception cref="CheckpointException">The field has another type, or the bytes end.</exception>
    public bool ReadBool() => ReadNumber() != 0;

    /// <summary>Reads a 32-bit floating-point number.</summary>
    /// <exception cref="CheckpointException">The field has another type, or the bytes end.</exception>
    public float ReadSingle()
    {
        Expect(Fixed32);
        return BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));
    }

    /// <summary>Reads a string or nested message as a view of the message.</summary>
    /// <exception cref="CheckpointException">
    /// The field has another type, or is longer than the rest of the bytes.
    /// </exception>
    public ReadOnlySpan<byte> ReadBytes()
    {
        Expect(Bytes);
        return Take(Number());
    }

    /// <summary>Passes over a value of any type.</summary>
    /// <exception cref="CheckpointException">The type is not one of protobuf's, or the bytes end.</exception>
    public void Skip()
    {
        switch (_type)
        {
            case Varint:
                Number();
                break;
            case Fixed64:
                Take(sizeof(ulong));
                break;
            case Bytes:
                Take(Number());
                break;
            case Fixed32:
                Take(sizeof(uint));
                break;
            default:
                throw Damaged($"has field {Field} of wire type {_type}");
        }
    }

    private readonly void Expect(int type)
    {
        if (_type != type)
        {
            throw Damaged($"has field {Field} of wire type {_type}, expected {type}");
        }
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw Damaged($"ends within field {Field}: it needs {length:N0} bytes, {_rest.Length:N0} are left");
        }

        ReadOnlySpan<byte> value = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return value;
    }

    private ulong Number()
    {
        ulong value = 0;
        for (int i = 0; i < _rest.Length && i < 10; i++)
        {
            value |= (ulong)(_rest[i] & 0x7F) << (7 * i);
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }

        throw Damaged("ends within a number");
    }

    private readonly CheckpointException Damaged(FormattableString problem) =>
        new(_file, FormattableString.Invariant(problem) + ". The file is damaged or not a SentencePiece model.");

    private readonly CheckpointException Damaged(string problem) =>
        new(_file, problem + ". The file is damaged or not a SentencePiece model.");
}
