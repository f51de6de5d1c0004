using System.Text;

namespace DenseConnector.Text;

/// <summary>Turns generated ids into text one by one, never giving out half a character.</summary>
/// <remarks>
/// What <see cref="Append"/> and <see cref="Flush"/> return, joined, is what the reference's
/// <c>decode(ids, skip_special_tokens=True)</c> gives for all ids at once. Not thread-safe: one instance per answer.
/// </remarks>
internal sealed class StreamingDecoder
{
    private readonly SentencePieceBpe _tokenizer;
    private readonly PieceDecoder _pieces;
    private readonly StringBuilder _text = new();
    private bool _atFirst = true;

    /// <summary>Starts an answer.</summary>
    public StreamingDecoder(SentencePieceBpe tokenizer)
    {
        _tokenizer = tokenizer;
        _pieces = tokenizer.CreatePieceDecoder();
    }

    /// <summary>Adds an id and returns the text that is certain now; often empty.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no such id.</exception>
    public string Append(int id)
    {
        _tokenizer.CheckId(id);
        if (_tokenizer.IsSpecial(id))
        {
            return string.Empty;
        }

        _tokenizer.AppendTo(_pieces, id, dropSpace: _atFirst, _text);
        _atFirst = false;
        return TakeText();
    }

    /// <summary>
    /// Ends the answer and returns what was held back: U+FFFD for each byte that never became a character.
    /// </summary>
    /// <remarks>The decoder can be used for another answer afterwards.</remarks>
    public string Flush()
    {
        _pieces.Finish(_text);
        _atFirst = true;
        return TakeText();
    }

    private string TakeText()
    {
        string text = _text.ToString();
        _text.Clear();
        return text;
    }
}
