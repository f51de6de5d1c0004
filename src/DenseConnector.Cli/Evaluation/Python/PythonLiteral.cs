using System.Numerics;

namespace DenseConnector.Cli.Evaluation.Python;

/// <summary>Reads values written as Python writes them in its source, as <c>ast.literal_eval</c> does.</summary>
/// <remarks>
/// A text becomes a <see cref="string"/>, a whole number a <see cref="BigInteger"/>, another number a
/// <see cref="double"/>, a list a list of objects, a tuple an array, a dictionary a list of pairs, in their order.
/// Sets, bytes, complex numbers, the ellipsis and the names of characters are refused, since neither data nor judges
/// write them and JSON has no form for them.
/// </remarks>
internal sealed class PythonLiteral
{
    private readonly PythonSource _source;

    private PythonLiteral(string text) => _source = new PythonSource(text);

    /// <summary>Reads a text that is one value.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static object? Parse(string text)
    {
        PythonLiteral reader = new(text);
        object? value = reader.Value();
        if (reader._source.Next() == ',')
        {
            value = reader.TupleFrom(value);
        }

        reader._source.End();
        return value;
    }

    private object? Value()
    {
        switch (_source.Next())
        {
            case '[':
                List<object?> items = Items('[', ']', out _);
                return items;
            case '(':
                items = Items('(', ')', out bool endsWithComma);
                return items.Count == 1 && !endsWithComma ? items[0] : items.ToArray();
            case '{':
                return Pairs();
            case '+':
                _source.Skip(1);
                return Unsigned();
            case '-':
                _source.Skip(1);
                object number = Unsigned();
                return number is BigInteger whole ? -whole : -(double)number;
            default:
                return PythonTextLiteral.Follows(_source) ? PythonTextLiteral.Read(_source)
                    : PythonNumberLiteral.Follows(_source) ? PythonNumberLiteral.Read(_source)
                    : Name();
        }
    }

    /// <summary>A tuple without brackets, of which the first item is read.</summary>
    private object?[] TupleFrom(object? first)
    {
        List<object?> items = [first];
        while (_source.Next() == ',')
        {
            _source.Skip(1);
            if (_source.Next() is '\0' or '\n')
            {
                break;
            }

            items.Add(Value());
        }

        return [.. items];
    }

    private List<object?> Items(char open, char close, out bool endsWithComma)
    {
        List<object?> items = [];
        endsWithComma = false;
        _source.Open(open);
        while (_source.Next() != close)
        {
            items.Add(Value());
            endsWithComma = Separate(close);
        }

        _source.Close(close);
        return items;
    }

    private List<KeyValuePair<object?, object?>> Pairs()
    {
        Dictionary<string, int> places = [];
        List<KeyValuePair<object?, object?>> pairs = [];
        _source.Open('{');
        while (_source.Next() != '}')
        {
            object? key = Value();
            _source.Expect(':');
            KeyValuePair<object?, object?> pair = new(key, Value());
            Separate('}');

            // Of equal keys the first stays, with the value of the last.
            if (places.TryAdd(Identity(key), pairs.Count))
            {
                pairs.Add(pair);
            }
            else
            {
                int place = places[Identity(key)];
                pairs[place] = new KeyValuePair<object?, object?>(pairs[place].Key, pair.Value);
            }
        }

        _source.Close('}');
        return pairs;
    }

    /// <summary>Whether a comma separates the next item from those before; there is none before the end.</summary>
    private bool Separate(char close)
    {
        if (_source.Next() == close)
        {
            return false;
        }

        _source.Expect(',');
        return true;
    }

    /// <summary>What two keys have in common that are one: numbers and truths are one by their value.</summary>
    private string Identity(object? key) => key switch
    {
        null => "None",
        string text => $"{text.Length}:{text}",
        bool truth => truth ? "1" : "0",
        BigInteger whole => $"{whole}",
        double number when double.IsInteger(number) => $"{new BigInteger(number)}",
        double number => PythonNumber.Repr(number),
        object?[] items => $"({string.Join(',', items.Select(Identity))})",
        _ => throw _source.Unexpected("a dictionary whose keys are no lists and no dictionaries"),
    };

    /// <summary>The number behind a sign, which may stand in brackets.</summary>
    private object Unsigned()
    {
        if (_source.Next() != '(')
        {
            return PythonNumberLiteral.Follows(_source)
                ? PythonNumberLiteral.Read(_source)
                : throw _source.Unexpected("a number");
        }

        _source.Open('(');
        object number = Unsigned();
        _source.Close(')');
        return number;
    }

    private object? Name()
    {
        foreach ((string name, object? value) in new (string, object?)[]
            { ("True", true), ("False", false), ("None", null) })
        {
            if (_source.Follows(name))
            {
                _source.Skip(name.Length);
                return char.IsLetterOrDigit(_source.Peek()) || _source.Peek() == '_'
                    ? throw _source.Unexpected($"the end of {name}")
                    : value;
            }
        }

        throw _source.Unexpected("a value");
    }
}
