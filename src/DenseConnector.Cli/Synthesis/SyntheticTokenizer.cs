using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace DenseConnector.Cli.Synthesis;

/// <summary>
/// Writes a SentencePiece <c>tokenizer.model</c> of any size with made-up pieces, so that a synthetic model reads and
/// writes text.
/// </summary>
/// <remarks>
/// Unknown, start and end, the 256 bytes, the printable ASCII characters, then letters joined in twos, threes and
/// fours, each also with a space before it.
/// </remarks>
internal static class SyntheticTokenizer
{
    private const int Unknown = 2, Control = 3, Byte = 6, Normal = 1;
    private const int Bpe = 2;
    private const char Space = '\u2581';

    /// <summary>Writes <c>tokenizer.model</c> and <c>tokenizer_config.json</c>.</summary>
    public static void WriteTo(string folder, int size)
    {
        List<byte> file = [];
        foreach ((string text, int type, int rank) in Pieces().Take(size))
        {
            List<byte> piece = [];
            WriteBytes(piece, 1, Encoding.UTF8.GetBytes(text));
            piece.AddRange([(2 << 3) | 5, 0, 0, 0, 0]);
            BinaryPrimitives.WriteSingleLittleEndian(
                System.Runtime.InteropServices.CollectionsMarshal.AsSpan(piece)[^4..], -rank);
            WriteNumber(piece, 3, type);
            WriteBytes(file, 1, [.. piece]);
        }

        List<byte> trainer = [], normalizer = [];
        WriteNumber(trainer, 3, Bpe);
        WriteNumber(trainer, 35, 1); // byte fallback
        WriteNumber(normalizer, 3, 1); // a space before the text
        WriteNumber(normalizer, 4, 0); // runs of spaces stay
        WriteNumber(normalizer, 5, 1); // spaces become U+2581
        WriteBytes(file, 2, [.. trainer]);
        WriteBytes(file, 3, [.. normalizer]);
        File.WriteAllBytes(Path.Combine(folder, "tokenizer.model"), [.. file]);
        File.WriteAllText(
            Path.Combine(folder, "tokenizer_config.json"),
            """
            {
              "tokenizer_class": "LlamaTokenizer",
              "add_bos_token": true,
              "add_eos_token": false,
              "bos_token": "<s>",
              "eos_token": "</s>",
              "unk_token": "<unk>",
              "legacy": true
            }

            """);
    }

    private static IEnumerable<(string Text, int Type, int Rank)> Pieces()
    {
        yield return ("<unk>", Unknown, 0);
        yield return ("<s>", Control, 0);
        yield return ("</s>", Control, 0);
        for (int value = 0; value < 256; value++)
        {
            yield return (string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"), Byte, 0);
        }

        int rank = 0;
        yield return ($"{Space}", Normal, rank++);
        for (char character = '!'; character <= '~'; character++)
        {
            yield return ($"{character}", Normal, rank++);
        }

        List<string> shorter = [string.Empty];
        while (true)
        {
            List<string> longer = [.. shorter.SelectMany(word => "etaoinshrdlucmfwypvbgkjqxz", (word, c) => word + c)];
            foreach (string word in longer)
            {
                if (word.Length > 1)
                {
                    yield return (word, Normal, rank++);
                }

                yield return (Space + word, Normal, rank++);
            }

            shorter = longer;
        }
    }

    private static void WriteNumber(List<byte> output, int field, int value)
    {
        WriteVarint(output, field << 3);
        WriteVarint(output, value);
    }

    private static void WriteBytes(List<byte> output, int field, byte[] value)
    {
        WriteVarint(output, (field << 3) | 2);
        WriteVarint(output, value.Length);
        output.AddRange(value);
    }

    private static void WriteVarint(List<byte> output, int value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            output.Add((byte)(value | 0x80));
        }

        output.Add((byte)value);
    }
}
