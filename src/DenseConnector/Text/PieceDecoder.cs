using System.Text;

namespace DenseConnector.Text;

/// <summary>Joins pieces to text as <c>SentencePieceProcessor::Decode</c> does, but piece by piece.</summary>
/// <remarks>
/// Byte pieces in a row are UTF-8; each byte that is not part of a character becomes one U+FFFD. A byte that may still
/// become part of one is kept until the next piece shows it. Not thread-safe: one instance per text.
/// </remarks>
internal sealed class PieceDecoder
{
    private readonly SentencePieceModel _model;
    private readonly int[] _byteOfId;
    private readonly bool _stripsPrefix;

    private readonly byte[] _bytes = new byte[4];
    private int _byteCount;
    private bool _atStart = true;

    /// <summary>Starts an empty text.</summary>
    /// <param name="model">The vocabulary.</param>
    /// <param name="byteOfId">For each id the byte it stands for, or -1.</param>
    /// <param name="stripsPrefix">
    /// Whether the text's first space is the dummy prefix, which is no part of the text.
    /// </param>
    public PieceDecoder(SentencePieceModel model, int[] byteOfId, bool stripsPrefix)
    {
        _model = model;
        _byteOfId = byteOfId;
        _stripsPrefix = stripsPrefix;
    }

    /// <summary>Adds a piece and appends what text is certain now.</summary>
    /// <param name="id">The piece.</param>
    /// <param name="dropSpace">Whether one leading space of the piece is dropped first.</param>
    /// <param name="text">Receives the text.</param>
    public void Append(int id, bool dropSpace, StringBuilder text)
    {
        if (_byteOfId[id] >= 0)
        {
            _atStart = false;
            _bytes[_byteCount++] = (byte)_byteOfId[id];
            DrainBytes(atEnd: false, text);
            return;
        }

        DrainBytes(atEnd: true, text);
        SentencePiece piece = _model.Pieces[id];
        switch (piece.Type)
        {
            case SentencePieceType.Control:
                break;
            case SentencePieceType.Unknown:
                _atStart = false;
                text.Append(_model.UnknownSurface);
                break;
            default:
                AppendPiece(piece.Text, dropSpace, text);
                break;
        }
    }

    /// <summary>Adds a text that is not made of pieces, as it is.</summary>
    public void AppendLiteral(string literal, StringBuilder text)
    {
        DrainBytes(atEnd: true, text);
        _atStart = false;
        text.Append(literal);
    }

    /// <summary>Appends what was held back, and starts an empty text.</summary>
    public void Finish(StringBuilder text)
    {
        DrainBytes(atEnd: true, text);
        _atStart = true;
    }

    private void AppendPiece(ReadOnlySpan<char> piece, bool dropSpace, StringBuilder text)
    {
        if (dropSpace && piece[0] == SentencePieceModel.Space)
        {
            piece = piece[1..];
        }

        // A piece that is nothing but the dropped space leaves the text still at its start.
        if (_atStart && piece.Length > 0)
        {
            _atStart = false;
            if (_stripsPrefix && piece[0] == SentencePieceModel.Space)
            {
                piece = piece[1..];
            }
        }

        int start = text.Length;
        text.Append(piece).Replace(SentencePieceModel.Space, ' ', start, text.Length - start);
    }

    private void DrainBytes(bool atEnd, StringBuilder text)
    {
        int start = 0;
        while (start < _byteCount)
        {
            ReadOnlySpan<byte> rest = _bytes.AsSpan(start, _byteCount - start);
            System.Buffers.OperationStatus status = Rune.DecodeFromUtf8(rest, out Rune rune, out int length);
            if (status == System.Buffers.OperationStatus.NeedMoreData && !atEnd)
            {
                break;
            }

            bool valid = status == System.Buffers.OperationStatus.Done;
            text.Append(valid ? rune : Rune.ReplacementChar);
            start += valid ? length : 1;
        }

        // At most three bytes can wait, so the fourth always has room.
        _bytes.AsSpan(start, _byteCount - start).CopyTo(_bytes);
        _byteCount -= start;
    }
}
