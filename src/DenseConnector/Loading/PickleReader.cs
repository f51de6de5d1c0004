using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text;

namespace DenseConnector.Loading;

/// <summary>
/// Reads a pickle as data: tables of tensors and the plain values around them. Nothing a file says is ever run.
/// </summary>
/// <remarks>
/// <para>
/// A pickle is a program for a stack machine, and the unpickler of Python calls whatever function it names. This one
/// has no way to call anything: it knows the instructions of <see cref="PickleOpcode"/> and the names of
/// <c>Globals</c>, each done here, and refuses every other with its name (the same idea as PyTorch's
/// <c>_weights_only_unpickler.py</c>, with a shorter list).
/// </para>
/// <para>
/// Values are <c>null</c>, <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, tuples
/// (<c>object?[]</c>), lists (<see cref="List{T}"/>), <see cref="PickledDictionary"/>, <see cref="PickledStorage"/>,
/// <see cref="PickledTensor"/>. Each instruction takes time in proportion to its bytes or to the values it takes off
/// the stack, and makes at most one small object, so that work and memory are bounded by the pickle's length. Values
/// are never walked, hence one that contains itself does no harm.
/// </para>
/// </remarks>
internal ref struct PickleReader
{
    private const int Protocol = 2;

    /// <summary>The most values on the stack; torch puts 1,000 pairs into a dictionary at a time.</summary>
    private const int MaxDepth = 10_000;

    /// <summary>What may be named: functions, and storage classes as the type of their elements.</summary>
    private static readonly FrozenDictionary<string, object> Globals = new Dictionary<string, object>
    {
        ["collections.OrderedDict"] = PickleFunction.OrderedDict,
        ["torch._utils._rebuild_tensor_v2"] = PickleFunction.RebuildTensor,
        ["torch._utils._rebuild_parameter"] = PickleFunction.RebuildParameter,
        ["torch.Size"] = PickleFunction.Size,
        ["torch.DoubleStorage"] = TensorType.F64,
        ["torch.FloatStorage"] = TensorType.F32,
        ["torch.HalfStorage"] = TensorType.F16,
        ["torch.BFloat16Storage"] = TensorType.BF16,
        ["torch.LongStorage"] = TensorType.I64,
        ["torch.IntStorage"] = TensorType.I32,
        ["torch.ShortStorage"] = TensorType.I16,
        ["torch.CharStorage"] = TensorType.I8,
        ["torch.ByteStorage"] = TensorType.U8,
        ["torch.BoolStorage"] = TensorType.BOOL,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly string _file;
    private readonly ReadOnlySpan<byte> _pickle;
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly List<object?> _memo = [];
    private int _position;

    private PickleReader(string file, ReadOnlySpan<byte> pickle)
    {
        _file = file;
        _pickle = pickle;
    }

    /// <summary>Reads the one value a pickle stands for.</summary>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="pickle">The whole pickle.</param>
    /// <exception cref="CheckpointException">
    /// The pickle is damaged, or asks for what a table of tensors does not need.
    /// </exception>
    public static object? Read(string file, ReadOnlySpan<byte> pickle)
    {
        PickleReader reader = new(file, pickle);
        if (reader.Next(1)[0] != (byte)PickleOpcode.Proto || reader.Next(1)[0] != Protocol)
        {
            throw reader.Wrong($"does not start as a pickle of protocol {Protocol}, which torch.save writes.");
        }

        while (reader.Step((PickleOpcode)reader.Next(1)[0]))
        {
        }

        return reader._stack.Count == 1 && reader._marks.Count == 0 && reader._position == pickle.Length
            ? reader._stack[0]
            : throw reader.Wrong("ends with something left over.");
    }

    /// <summary>Does one instruction; <c>false</c> at the end.</summary>
    private bool Step(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Stop:
                return false;
            case PickleOpcode.Mark:
                _marks.Push(_stack.Count);
                CheckDepth();
                break;
            case PickleOpcode.None:
                Push(null);
                break;
            case PickleOpcode.NewTrue:
                Push(true);
                break;
            case PickleOpcode.NewFalse:
                Push(false);
                break;
            case PickleOpcode.BinInt:
                Push((long)BinaryPrimitives.ReadInt32LittleEndian(Next(4)));
                break;
            case PickleOpcode.BinInt1:
                Push((long)Next(1)[0]);
                break;
            case PickleOpcode.BinInt2:
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Next(2)));
                break;
            case PickleOpcode.Long1:
                Push(ReadLong());
                break;
            case PickleOpcode.BinFloat:
                Push(BinaryPrimitives.ReadDoubleBigEndian(Next(8)));
                break;
            case PickleOpcode.BinUnicode:
                Push(Text(Next(BinaryPrimitives.ReadUInt32LittleEndian(Next(4)))));
                break;
            case PickleOpcode.EmptyTuple:
                Push(Array.Empty<object?>());
                break;
            case PickleOpcode.Tuple1:
                PushTuple(1);
                break;
            case PickleOpcode.Tuple2:
                PushTuple(2);
                break;
            case PickleOpcode.Tuple3:
                PushTuple(3);
                break;
            case PickleOpcode.Tuple:
                Push(PopToMark());
                break;
            case PickleOpcode.EmptyList:
                Push(new List<object?>());
                break;
            case PickleOpcode.Append:
                Append([Pop()]);
                break;
            case PickleOpcode.Appends:
                Append(PopToMark());
                break;
            case PickleOpcode.EmptyDict:
                Push(new PickledDictionary());
                break;
            case PickleOpcode.SetItem:
                SetItems(PopMany(2));
                break;
            case PickleOpcode.SetItems:
                SetItems(PopToMark());
                break;
            case PickleOpcode.BinPut:
                Remember(Next(1)[0]);
                break;
            case PickleOpcode.LongBinPut:
                Remember(BinaryPrimitives.ReadUInt32LittleEndian(Next(4)));
                break;
            case PickleOpcode.BinGet:
                Push(Recall(Next(1)[0]));
                break;
            case PickleOpcode.LongBinGet:
                Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Next(4))));
                break;
            case PickleOpcode.Global:
                Push(ReadGlobal());
                break;
            case PickleOpcode.BinPersId:
                Push(ReadStorage(Pop()));
                break;
            case PickleOpcode.Reduce:
                object? arguments = Pop();
                Push(Call(Pop(), arguments));
                break;
            case PickleOpcode.Build:
                // The attributes of an OrderedDict (a model's "_metadata": versions of its modules) are not needed.
                Pop();
                if (Peek() is not PickledDictionary)
                {
                    throw Wrong($"gives attributes to {Kind(Peek())}, expected to a dictionary.");
                }

                break;
            default:
                throw Wrong($"has the instruction 0x{(byte)opcode:X2}, which no table of tensors needs.");
        }

        return true;
    }

    private object Call(object? function, object? arguments) => (function, arguments) switch
    {
        (PickleFunction.OrderedDict, object?[] { Length: 0 }) => new PickledDictionary(),
        (PickleFunction.Size, object?[] and [object?[] dimensions]) => dimensions,
        (PickleFunction.RebuildParameter, object?[] and [PickledTensor tensor, bool, PickledDictionary]) => tensor,
        (PickleFunction.RebuildTensor, object?[] and
            [PickledStorage storage, long offset, object?[] shape, object?[] strides, bool, PickledDictionary, ..]) =>
            new PickledTensor(storage, offset, Integers(shape), Integers(strides)),
        _ => throw Wrong($"calls {Kind(function)} with arguments it does not take."),
    };

    private readonly PickledStorage ReadStorage(object? id) =>
        id is object?[] and ["storage", TensorType type, string key, string, long count]
            ? new PickledStorage(key, type, count)
            : throw Wrong("refers to something outside itself that is no tensor storage.");

    private object ReadGlobal()
    {
        string module = ReadLine();
        string name = $"{module}.{ReadLine()}";
        return Globals.TryGetValue(name, out object? known)
            ? known
            : throw Wrong(
                $"names {QuotedName.Of(name)}, which is not among the few things a table of tensors needs: it would " +
                "have Python code run, which is never done here.",
                found: name);
    }

    private long[] Integers(object?[] tuple)
    {
        if (tuple.Length > SafetensorsHeader.MaxRank)
        {
            throw Wrong($"has a tensor of {tuple.Length} dimensions, at most {SafetensorsHeader.MaxRank} are read.");
        }

        long[] numbers = new long[tuple.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = tuple[i] is long number and >= 0
                ? number
                : throw Wrong($"has {Kind(tuple[i])} where a tensor's sizes stand, expected integers from 0 on.");
        }

        return numbers;
    }

    private long ReadLong()
    {
        // Little-endian two's complement in as few bytes as the number needs.
        ReadOnlySpan<byte> bytes = Next(Next(1)[0]);
        if (bytes.Length > sizeof(long))
        {
            throw Wrong($"has an integer of {bytes.Length} bytes, at most {sizeof(long)} are read.");
        }

        long number = bytes.Length > 0 && bytes[^1] >= 0x80 ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            number = (number << 8) | bytes[i];
        }

        return number;
    }

    private string ReadLine()
    {
        int length = _pickle[_position..].IndexOf((byte)'\n');
        if (length < 0)
        {
            throw CutShort();
        }

        string line = Text(Next((uint)length));
        _position++;
        return line;
    }

    private readonly string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw Wrong("has a text that is not valid UTF-8.", cause: e);
        }
    }

    private ReadOnlySpan<byte> Next(uint count)
    {
        if (count > (uint)(_pickle.Length - _position))
        {
            throw CutShort();
        }

        ReadOnlySpan<byte> bytes = _pickle.Slice(_position, (int)count);
        _position += (int)count;
        return bytes;
    }

    private readonly void Push(object? value)
    {
        _stack.Add(value);
        CheckDepth();
    }

    private readonly void CheckDepth()
    {
        if (_stack.Count > MaxDepth || _marks.Count > MaxDepth)
        {
            throw Wrong($"keeps more than {MaxDepth} values at a time.");
        }
    }

    /// <summary>The topmost value; those below the last mark are out of reach.</summary>
    private readonly object? Peek() => _stack.Count > (_marks.TryPeek(out int mark) ? mark : 0)
        ? _stack[^1]
        : throw Wrong("takes a value where there is none.");

    private readonly object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private readonly object?[] PopMany(int count)
    {
        int floor = _marks.TryPeek(out int mark) ? mark : 0;
        if (_stack.Count - floor < count)
        {
            throw Wrong("takes a value where there is none.");
        }

        object?[] values = CollectionsMarshal.AsSpan(_stack)[^count..].ToArray();
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private readonly object?[] PopToMark()
    {
        if (!_marks.TryPeek(out int mark))
        {
            throw Wrong("goes back to a mark where there is none.");
        }

        object?[] values = PopMany(_stack.Count - mark);
        _marks.Pop();
        return values;
    }

    private readonly void PushTuple(int count) => Push(PopMany(count));

    private readonly void Append(object?[] values)
    {
        if (Peek() is not List<object?> list)
        {
            throw Wrong($"appends to {Kind(Peek())}, expected to a list.");
        }

        list.AddRange(values);
    }

    private readonly void SetItems(object?[] values)
    {
        if (Peek() is not PickledDictionary dictionary || values.Length % 2 != 0)
        {
            throw Wrong($"puts {values.Length} values into {Kind(Peek())}, expected pairs and a dictionary.");
        }

        for (int i = 0; i < values.Length; i += 2)
        {
            if (values[i] is not string key)
            {
                throw Wrong($"has {Kind(values[i])} as a key, expected a text.");
            }

            if (!dictionary.TryAdd(key, values[i + 1]))
            {
                throw Wrong($"has the key {QuotedName.Of(key)} twice.");
            }
        }
    }

    private readonly void Remember(uint index)
    {
        // Python's pickler counts upwards; a list has no worst case that a hostile file could ask for.
        if (index > _memo.Count)
        {
            throw Wrong($"remembers a value as number {index} after {_memo.Count} others.");
        }

        if (index == _memo.Count)
        {
            _memo.Add(Peek());
        }
        else
        {
            _memo[(int)index] = Peek();
        }
    }

    private readonly object? Recall(uint index) => index < _memo.Count
        ? _memo[(int)index]
        : throw Wrong($"recalls value number {index} of {_memo.Count}.");

    private static string Kind(object? value) => value switch
    {
        null => "nothing",
        bool => "a truth value",
        long => "an integer",
        double => "a number",
        string => "a text",
        object?[] => "a tuple",
        List<object?> => "a list",
        PickledDictionary => "a dictionary",
        PickledTensor => "a tensor",
        PickledStorage => "a storage",
        TensorType => "a storage class",
        PickleFunction function => function.ToString(),
        _ => value.GetType().Name,
    };

    private readonly CheckpointException CutShort() => Wrong("ends in the middle of an instruction.");

    private readonly CheckpointException Wrong(string problem, string? found = null, Exception? cause = null) =>
        new(
            _file,
            $"its pickle, near byte {_position}, {problem} If you trust the file, load it in Python and save its " +
            "tensors as safetensors; else download it again.",
            cause)
        {
            Found = found,
        };
}
