using System.Text.RegularExpressions;

namespace DenseConnector.Cli.Evaluation.Python;

/// <summary>The text of a single Python value, read from front to back as Python's tokenizer does.</summary>
internal sealed partial class PythonSource
{
    // As deep as Python's own goes.
    private const int DeepestNesting = 200;

    private readonly string _text;
    private int _place;
    private int _depth;

    /// <summary>Takes a text.</summary>
    /// <exception cref="FormatException">It begins as no value does.</exception>
    public PythonSource(string text)
    {
        // What ast.literal_eval takes away, and the line breaks of all systems in one form.
        _text = text.TrimStart(' ', '\t').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        _place = LinesBefore().Match(_text).Length;
        if (_text.Contains('\0', StringComparison.Ordinal) || Peek() is ' ' or '\t')
        {
            throw Unexpected("a value without indentation");
        }
    }

    /// <summary>A character from the current place on; zero behind the end.</summary>
    public char Peek(int offset = 0) => _place + offset < _text.Length ? _text[_place + offset] : '\0';

    /// <summary>Whether a text follows.</summary>
    public bool Follows(string text) => _text.AsSpan(_place).StartsWith(text, StringComparison.Ordinal);

    /// <summary>What follows in a form, passed over; empty if it does not follow.</summary>
    /// <param name="form">The form, bound to the place where it is looked for.</param>
    public string TakeMatch(Regex form)
    {
        string match = form.Match(_text, _place).Value;
        _place += match.Length;
        return match;
    }

    /// <summary>The next character, passed over.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public char Take() => _place < _text.Length ? _text[_place++] : throw Unexpected("more text");

    /// <summary>Passes over characters.</summary>
    public void Skip(int count) => _place += count;

    /// <summary>
    /// The character with which the next token begins; inside brackets it may stand on another line. Zero at the end.
    /// </summary>
    public char Next()
    {
        while (true)
        {
            char next = Peek();
            if (next is ' ' or '\t' or '\f' || (next == '\n' && _depth > 0))
            {
                _place++;
            }
            else if (next == '#')
            {
                int end = _text.IndexOf('\n', _place);
                _place = end < 0 ? _text.Length : end;
            }
            else if (Follows("\\\n") && _place + 2 < _text.Length)
            {
                _place += 2;
            }
            else
            {
                return next;
            }
        }
    }

    /// <summary>Passes over a token of one character.</summary>
    /// <exception cref="FormatException">Another one follows.</exception>
    public void Expect(char token)
    {
        if (Next() != token)
        {
            throw Unexpected(token.ToString());
        }

        _place++;
    }

    /// <summary>Passes over a bracket, between which and its partner lines may end.</summary>
    /// <exception cref="FormatException">Another token follows, or too many brackets are open.</exception>
    public void Open(char bracket)
    {
        Expect(bracket);
        if (++_depth > DeepestNesting)
        {
            throw Unexpected($"at most {DeepestNesting} brackets inside each other");
        }
    }

    /// <summary>Passes over the partner of a bracket.</summary>
    /// <exception cref="FormatException">Another token follows.</exception>
    public void Close(char bracket)
    {
        Expect(bracket);
        _depth--;
    }

    /// <summary>Makes sure that nothing follows but empty lines and comments.</summary>
    /// <exception cref="FormatException">Something does.</exception>
    public void End()
    {
        Next();
        _place += LinesBehind().Match(_text, _place).Length;
        if (_place < _text.Length)
        {
            throw Unexpected("the end");
        }
    }

    /// <summary>What is thrown where something else was expected.</summary>
    public FormatException Unexpected(string expected)
    {
        string found = _place < _text.Length ? $"'{_text[_place]}'" : "the end";
        return new FormatException($"'{_text}' is no Python value: expected {expected} at {_place}, found {found}.");
    }

    // Indentation counts from the last form feed on.
    [GeneratedRegex(@"\A(?:[ \t\f]*(?:#[^\n]*)?\n)*(?:[ \t\f]*\f)?")]
    private static partial Regex LinesBefore();

    // The last line may hold a comment, but no indentation.
    [GeneratedRegex(@"\G(?:\n(?:[ \t\f]*(?:#[^\n]*)?\n)*(?:[ \t\f]*(?:#[^\n]*|\f))?)?\z")]
    private static partial Regex LinesBehind();
}
