using System.Buffers;
using System.Text;

namespace DenseConnector.Text;

/// <summary>Turns the ids of a <see cref="ByteLevelBpe"/> into text.</summary>
/// <remarks>
/// The bytes of all tokens in a row are UTF-8; what can no longer become a character is one U+FFFD per maximal part, as
/// <c>String::from_utf8_lossy</c> of Rust gives. A special token that is left out does not end a character.
/// </remarks>
internal sealed class ByteLevelDecoder : StreamingDecoder
{
    private const int LongestPrefix = 3;

    private readonly ByteLevelBpe _tokenizer;
    private readonly bool _skipSpecialTokens;
    private readonly SpaceCleaner? _cleaner;

    private byte[] _bytes = new byte[64];
    private int _held;

    /// <summary>Starts an answer.</summary>
    /// <param name="tokenizer">The vocabulary.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    /// <param name="cleanUpSpaces">Whether spaces before punctuation are taken out.</param>
    public ByteLevelDecoder(ByteLevelBpe tokenizer, bool skipSpecialTokens, bool cleanUpSpaces)
    {
        _tokenizer = tokenizer;
        _skipSpecialTokens = skipSpecialTokens;
        _cleaner = cleanUpSpaces ? new SpaceCleaner() : null;
    }

    /// <inheritdoc/>
    public override string Append(int id)
    {
        ReadOnlySpan<byte> token = _tokenizer.BytesOf(id);
        if (_skipSpecialTokens && _tokenizer.IsSpecial(id))
        {
            return string.Empty;
        }

        int count = _held + token.Length;
        if (count > _bytes.Length)
        {
            Array.Resize(ref _bytes, 2 * count);
        }

        token.CopyTo(_bytes.AsSpan(_held));
        ReadOnlySpan<byte> bytes = _bytes.AsSpan(0, count);
        _held = LengthOfPrefix(bytes);
        string text = Encoding.UTF8.GetString(bytes[..^_held]);
        bytes[^_held..].CopyTo(_bytes);
        return _cleaner is null ? text : _cleaner.Append(text);
    }

    /// <inheritdoc/>
    public override string Flush()
    {
        string text = Encoding.UTF8.GetString(_bytes, 0, _held);
        _held = 0;
        return _cleaner is null ? text : _cleaner.Append(text) + _cleaner.Flush();
    }

    /// <summary>How many bytes at the end may still become a character.</summary>
    private static int LengthOfPrefix(ReadOnlySpan<byte> bytes)
    {
        for (int length = Math.Min(LongestPrefix, bytes.Length); length > 0; length--)
        {
            if (Rune.DecodeFromUtf8(bytes[^length..], out _, out _) == OperationStatus.NeedMoreData)
            {
                return length;
            }
        }

        return 0;
    }
}
