using System.Text;

namespace DenseConnector.Text;

/// <summary>Turns the ids of a <see cref="SentencePieceBpe"/> into text; special tokens are left out.</summary>
internal sealed class SentencePieceDecoder : StreamingDecoder
{
    private readonly SentencePieceBpe _tokenizer;
    private readonly PieceDecoder _pieces;
    private readonly StringBuilder _text = new();
    private bool _atFirst = true;

    /// <summary>Starts an answer.</summary>
    public SentencePieceDecoder(SentencePieceBpe tokenizer)
    {
        _tokenizer = tokenizer;
        _pieces = tokenizer.CreatePieceDecoder();
    }

    /// <inheritdoc/>
    public override string Append(int id)
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

    /// <inheritdoc/>
    public override string Flush()
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
