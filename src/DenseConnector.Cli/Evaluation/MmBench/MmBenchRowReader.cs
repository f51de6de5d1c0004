using System.Text;

namespace DenseConnector.Cli.Evaluation.MmBench;

/// <summary>Reads rows of tab-separated text one after the other, as pandas' own parser takes them apart.</summary>
/// <remarks>
/// Only a quote at the start of a field opens it, and it may then hold tabs, line breaks and doubled quotes; what
/// follows the closing quote belongs to the field too. Lines that are empty or hold spaces alone are left out.
/// </remarks>
/// <param name="file">The file.</param>
internal sealed class MmBenchRowReader(string file) : IDisposable
{
    private const char Quote = '"';
    private const int End = -1;

    private readonly StreamReader _reader = new(
        file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true), false);

    private readonly StringBuilder _text = new();
    private int _line = 1;

    /// <summary>The next row; <c>null</c> at the end.</summary>
    /// <exception cref="IOException">The file cannot be read, is no UTF-8, or a quote is not closed.</exception>
    public MmBenchRow? Next()
    {
        while (Peek() != End)
        {
            string where = $"{file}: line {_line}";
            List<string> fields = [];
            bool isEmpty = Peek() != Quote;
            bool isLast;
            do
            {
                isLast = ReadField(where);
                fields.Add(_text.ToString());
            }
            while (!isLast);

            if (!(isEmpty && fields is [string only] && only.AsSpan().Trim(' ').IsEmpty))
            {
                return new MmBenchRow(where, fields);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    /// <summary>Reads a field and says whether it ends the row.</summary>
    private bool ReadField(string where)
    {
        _text.Clear();
        if (Peek() == Quote)
        {
            Read();
            ReadQuoted(where);
        }

        while (true)
        {
            switch (Read())
            {
                case '\t':
                    return false;
                case '\r':
                    if (Peek() == '\n')
                    {
                        Read();
                    }

                    return true;
                case '\n' or End:
                    return true;
                case int c:
                    _text.Append((char)c);
                    break;
            }
        }
    }

    private void ReadQuoted(string where)
    {
        while (true)
        {
            int c = Read();
            if (c == End)
            {
                throw new IOException($"{where}: a quote that opens a field of this row is never closed.");
            }

            if (c == Quote)
            {
                if (Peek() != Quote)
                {
                    return;
                }

                Read();
            }

            _text.Append((char)c);
        }
    }

    private int Read()
    {
        int c = Decode(_reader.Read);
        _line += c == '\n' || (c == '\r' && Peek() != '\n') ? 1 : 0;
        return c;
    }

    private int Peek() => Decode(_reader.Peek);

    private int Decode(Func<int> read)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException e)
        {
            throw new IOException($"{file}: line {_line} or one soon after it is no UTF-8: {e.Message}", e);
        }
    }
}
