using System.Text;

namespace DenseConnector.Text;

/// <summary>
/// The characters that stand for bytes in the vocabularies of byte-level tokenizers: <c>bytes_to_unicode</c> of GPT-2.
/// </summary>
/// <remarks>Printable bytes are themselves; the 68 others are U+0100 and on, in their order.</remarks>
internal static class ByteCharacters
{
    private const int First = 0x100;

    private static readonly char[] OfByte = MapBytes();
    private static readonly short[] ToByte = Invert(OfByte);

    /// <summary>The character that stands for a byte.</summary>
    public static char Of(byte value) => OfByte[value];

    /// <summary>The byte a character stands for, or -1.</summary>
    public static int ByteOf(char character) => character < ToByte.Length ? ToByte[character] : -1;

    /// <summary>The bytes of a token: those its characters stand for, or its UTF-8 if one stands for none.</summary>
    /// <remarks>The second form is what the decoder of Hugging Face's tokenizers does with such a token.</remarks>
    public static byte[] BytesOf(string token)
    {
        byte[] bytes = new byte[token.Length];
        for (int i = 0; i < token.Length; i++)
        {
            int value = ByteOf(token[i]);
            if (value < 0)
            {
                return Encoding.UTF8.GetBytes(token);
            }

            bytes[i] = (byte)value;
        }

        return bytes;
    }

    private static char[] MapBytes()
    {
        char[] characters = new char[256];
        int shifted = First;
        for (int value = 0; value < characters.Length; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = (char)(printable ? value : shifted++);
        }

        return characters;
    }

    private static short[] Invert(char[] characters)
    {
        short[] bytes = new short[characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (int value = 0; value < characters.Length; value++)
        {
            bytes[characters[value]] = (short)value;
        }

        return bytes;
    }
}
