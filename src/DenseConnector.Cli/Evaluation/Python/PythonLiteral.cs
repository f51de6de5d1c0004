using System.Globalization;
using System.Numerics;
using System.Text;

namespace DenseConnector.Cli.Evaluation.Python;

/// <summary>Reads values written as Python writes them in its source, as <c>ast.literal_eval</c> does.</summary>
/// <remarks>
/// A text becomes a <see cref="string"/>, a whole number a <see cref="BigInteger"/>, another number a
/// <see cref="double"/>, a list or tuple a list of objects, a dictionary a list of pairs, in their order. Sets, bytes
/// and complex numbers are not among the values that data or judges write.
/// </remarks>
internal sealed class PythonLiteral
{
    // As deep as Python's own parser goes.
    private const int DeepestNesting = 200;

    private readonly string _text;
    private int _place;
    private int _depth;

    private PythonLiteral(string text) => _text = text;

    /// <summary>Reads a text that is one value.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static object? Parse(string text)
    {
        PythonLiteral reader = new(text);
        object? value = reader.Value();
        return reader.Next() == '\0' ? value : throw reader.Unexpected("the end");
    }

    private object? Value()
    {
        char first = Next();
        return first switch
        {
            '[' => Items('[', ']'),
            '(' => Tuple(),
            '{' => Pairs(),
            '\'' or '"' => Texts(),
            '+' or '-' => Signed(),
            '.' or (>= '0' and <= '9') => Number(),
            _ => IsTextPrefix() ? Texts() : Name(),
        };
    }

    private object? Tuple()
    {
        List<object?> items = Items('(', ')');
        bool isList = items.Count != 1 || LastBefore() == ',';
        return isList ? items : items[0];
    }

    private char LastBefore() => _text[..(_place - 1)].TrimEnd()[^1];

    private List<object?> Items(char open, char close)
    {
        List<object?> items = [];
        Open(open);
        while (Next() != close)
        {
            items.Add(Value());
            Separate(close);
        }

        Close();
        return items;
    }

    private List<KeyValuePair<object?, object?>> Pairs()
    {
        List<KeyValuePair<object?, object?>> pairs = [];
        Open('{');
        while (Next() != '}')
        {
            object? key = Value();
            Take(':');
            pairs.Add(new KeyValuePair<object?, object?>(key, Value()));
            Separate('}');
        }

        Close();
        return pairs;
    }

    private void Open(char bracket)
    {
        Take(bracket);
        if (++_depth > DeepestNesting)
        {
            throw Unexpected($"at most {DeepestNesting} brackets inside each other");
        }
    }

    private void Close()
    {
        _place++;
        _depth--;
    }

    private void Separate(char close)
    {
        if (Next() != close)
        {
            Take(',');
        }
    }

    /// <summary>Texts that follow each other are one.</summary>
    private string Texts()
    {
        StringBuilder all = new();
        do
        {
            bool isRaw = _text[_place] is 'r' or 'R';
            _place += _text[_place] is '\'' or '"' ? 0 : 1;
            Text(all, isRaw);
        }
        while (Next() is '\'' or '"' || IsTextPrefix());
        return all.ToString();
    }

    private bool IsTextPrefix() =>
        _place + 1 < _text.Length && _text[_place] is 'u' or 'U' or 'r' or 'R' && _text[_place + 1] is '\'' or '"';

    private void Text(StringBuilder to, bool isRaw)
    {
        char quote = _text[_place];
        string end = new(quote, 3);
        bool isLong = _text.AsSpan(_place).StartsWith(end, StringComparison.Ordinal);
        end = isLong ? end : quote.ToString();
        _place += end.Length;
        while (!_text.AsSpan(_place).StartsWith(end, StringComparison.Ordinal))
        {
            if (_place >= _text.Length || (!isLong && _text[_place] == '\n'))
            {
                throw Unexpected(end);
            }

            if (_text[_place] == '\\' && _place + 1 < _text.Length)
            {
                Escape(to, isRaw);
            }
            else
            {
                to.Append(_text[_place++]);
            }
        }

        _place += end.Length;
    }

    private void Escape(StringBuilder to, bool isRaw)
    {
        char kind = _text[_place + 1];
        _place += 2;
        if (isRaw)
        {
            to.Append('\\').Append(kind);
            return;
        }

        _ = kind switch
        {
            '\n' => to,
            '\\' or '\'' or '"' => to.Append(kind),
            'a' => to.Append('\a'),
            'b' => to.Append('\b'),
            'f' => to.Append('\f'),
            'n' => to.Append('\n'),
            'r' => to.Append('\r'),
            't' => to.Append('\t'),
            'v' => to.Append('\v'),
            'x' => to.Append((char)Hexadecimal(2)),
            'u' => to.Append((char)Hexadecimal(4)),
            'U' => to.Append(Rune.TryCreate(Hexadecimal(8), out Rune rune)
                ? rune.ToString()
                : throw Unexpected("a character's number")),
            >= '0' and <= '7' => to.Append(Octal(kind)),
            'N' => throw Unexpected("a text without named characters"),
            _ => to.Append('\\').Append(kind),
        };
    }

    private int Hexadecimal(int digits)
    {
        int end = Math.Min(_place + digits, _text.Length);
        bool isNumber = int.TryParse(
            _text.AsSpan(_place, end - _place),
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out int code);
        _place = isNumber && end - _place == digits ? end : throw Unexpected($"{digits} hexadecimal digits");
        return code;
    }

    private char Octal(char first)
    {
        int code = first - '0';
        for (int i = 0; i < 2 && _place < _text.Length && _text[_place] is >= '0' and <= '7'; i++)
        {
            code = (code * 8) + _text[_place++] - '0';
        }

        return (char)code;
    }

    private object Signed()
    {
        bool isNegative = _text[_place++] == '-';
        object number = Next() is '.' or (>= '0' and <= '9') ? Number() : throw Unexpected("a number");
        return number switch
        {
            BigInteger whole => isNegative ? -whole : whole,
            double other => isNegative ? -other : other,
            _ => throw Unexpected("a number"),
        };
    }

    private object Number()
    {
        int start = _place;
        while (_place < _text.Length && (char.IsAsciiLetterOrDigit(_text[_place]) || _text[_place] is '.' or '_' ||
            (_text[_place] is '+' or '-' && _text[_place - 1] is 'e' or 'E')))
        {
            _place++;
        }

        string number = _text[start.._place].Replace("_", string.Empty, StringComparison.Ordinal);
        bool isWhole = number.All(char.IsAsciiDigit);
        if (number.StartsWith("0b", StringComparison.OrdinalIgnoreCase) &&
            BigInteger.TryParse("0" + number[2..], NumberStyles.AllowBinarySpecifier, null, out BigInteger binary))
        {
            return binary;
        }

        if (number.StartsWith("0x", StringComparison.OrdinalIgnoreCase) &&
            BigInteger.TryParse("0" + number[2..], NumberStyles.AllowHexSpecifier, null, out BigInteger hexadecimal))
        {
            return hexadecimal;
        }

        if (isWhole && (number[0] != '0' || number.All(digit => digit == '0')))
        {
            return BigInteger.Parse(number, CultureInfo.InvariantCulture);
        }

        return !isWhole && PythonFloat.Parse(number) is double other ? other : throw Unexpected("a number", start);
    }

    private object? Name()
    {
        int start = _place;
        while (_place < _text.Length && char.IsAsciiLetter(_text[_place]))
        {
            _place++;
        }

        return _text[start.._place] switch
        {
            "True" => true,
            "False" => false,
            "None" => null,
            _ => throw Unexpected("a value", start),
        };
    }

    private void Take(char expected)
    {
        if (Next() != expected)
        {
            throw Unexpected(expected.ToString());
        }

        _place++;
    }

    /// <summary>The next character that is neither white space nor in a comment; zero at the end.</summary>
    private char Next()
    {
        while (_place < _text.Length && (char.IsWhiteSpace(_text[_place]) || _text[_place] == '#'))
        {
            int line = _text[_place] == '#' ? _text.IndexOf('\n', _place) : _place + 1;
            _place = line < 0 ? _text.Length : line;
        }

        return _place < _text.Length ? _text[_place] : '\0';
    }

    private FormatException Unexpected(string expected, int? place = null)
    {
        int at = Math.Min(place ?? _place, _text.Length);
        string found = at < _text.Length ? $"'{_text[at]}'" : "the end";
        return new FormatException($"'{_text}' is no Python value: expected {expected} at {at}, found {found}.");
    }
}
