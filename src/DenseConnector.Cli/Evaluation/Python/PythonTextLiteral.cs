using System.Globalization;
using System.Text;

namespace DenseConnector.Cli.Evaluation.Python;

/// <summary>Reads texts in quotes as Python writes them in its source.</summary>
internal static class PythonTextLiteral
{
    /// <summary>Whether a text follows: a quote, or one behind the letter of a raw or a Unicode text.</summary>
    public static bool Follows(PythonSource source) => IsQuote(source.Peek()) ||
        (source.Peek() is 'u' or 'U' or 'r' or 'R' && IsQuote(source.Peek(1)));

    /// <summary>Reads a text; texts that follow each other are one.</summary>
    /// <exception cref="FormatException">It is broken.</exception>
    public static string Read(PythonSource source)
    {
        StringBuilder all = new();
        do
        {
            bool isRaw = source.Peek() is 'r' or 'R';
            source.Skip(IsQuote(source.Peek()) ? 0 : 1);
            ReadOne(source, all, isRaw);
            source.Next();
        }
        while (Follows(source));
        return all.ToString();
    }

    private static bool IsQuote(char c) => c is '\'' or '"';

    private static void ReadOne(PythonSource source, StringBuilder to, bool isRaw)
    {
        char quote = source.Peek();
        string end = new(quote, 3);
        bool isLong = source.Follows(end);
        end = isLong ? end : quote.ToString();
        source.Skip(end.Length);
        while (!source.Follows(end))
        {
            char next = source.Take();
            if (next == '\n' && !isLong)
            {
                throw source.Unexpected(end);
            }

            if (next == '\\')
            {
                Escape(source, to, isRaw);
            }
            else
            {
                to.Append(next);
            }
        }

        source.Skip(end.Length);
    }

    private static void Escape(PythonSource source, StringBuilder to, bool isRaw)
    {
        char kind = source.Take();
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
            'x' => to.Append((char)Hexadecimal(source, 2)),
            'u' => to.Append((char)Hexadecimal(source, 4)),
            'U' => AppendAny(source, to),
            >= '0' and <= '7' => to.Append(Octal(source, kind)),
            'N' => throw source.Unexpected("a text without named characters"),
            _ => to.Append('\\').Append(kind),
        };
    }

    private static StringBuilder AppendAny(PythonSource source, StringBuilder to)
    {
        uint code = Hexadecimal(source, 8);

        // Python keeps half a pair of surrogates, as a text here can.
        return code <= char.MaxValue ? to.Append((char)code)
            : Rune.TryCreate(code, out Rune rune) ? to.Append(rune.ToString())
            : throw source.Unexpected("a character's number");
    }

    private static uint Hexadecimal(PythonSource source, int digits)
    {
        uint code = 0;
        for (int i = 0; i < digits; i++)
        {
            if (!char.IsAsciiHexDigit(source.Peek()))
            {
                throw source.Unexpected($"{digits} hexadecimal digits");
            }

            code = (code << 4) | uint.Parse([source.Take()], NumberStyles.AllowHexSpecifier);
        }

        return code;
    }

    private static char Octal(PythonSource source, char first)
    {
        int code = first - '0';
        for (int i = 0; i < 2 && source.Peek() is >= '0' and <= '7'; i++)
        {
            code = (code * 8) + source.Take() - '0';
        }

        return (char)code;
    }
}
