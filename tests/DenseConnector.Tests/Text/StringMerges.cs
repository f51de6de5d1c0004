using System.Text;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

/// <summary>
/// SentencePiece's BPE said as plainly as possible, with strings and an agenda that is searched from end to end: what
/// <see cref="SentencePieceMerges"/> must agree with.
/// </summary>
internal sealed class StringMerges(SentencePieceModel model)
{
    private readonly List<string> _symbols = [];
    private readonly List<bool> _frozen = [];
    private readonly List<(int Left, int Right, float Score, int Size)> _agenda = [];
    private readonly Dictionary<string, (string Left, string Right)> _parts = new(StringComparer.Ordinal);

    public IReadOnlyList<int> Encode(string text)
    {
        for (int i = 0; i < text.Length; i += _symbols[^1].Length)
        {
            string? userDefined = model.Pieces
                .Where(piece => piece.Type == SentencePieceType.UserDefined &&
                    text.AsSpan(i).StartsWith(piece.Text, StringComparison.Ordinal))
                .Select(piece => piece.Text).MaxBy(piece => piece.Length);
            _symbols.Add(userDefined ?? Rune.GetRuneAt(text, i).ToString());
            _frozen.Add(userDefined is not null);
        }

        List<int> order = [.. Enumerable.Range(0, _symbols.Count)];
        for (int i = 1; i < order.Count; i++)
        {
            Consider(i - 1, i);
        }

        while (_agenda.Count > 0)
        {
            var top = _agenda.MaxBy(pair => (pair.Score, -pair.Left));
            _agenda.Remove(top);
            if (_symbols[top.Left].Length == 0 || _symbols[top.Right].Length == 0 ||
                _symbols[top.Left].Length + _symbols[top.Right].Length != top.Size)
            {
                continue;
            }

            _symbols[top.Left] += _symbols[top.Right];
            _symbols[top.Right] = string.Empty;
            order.Remove(top.Right);
            int place = order.IndexOf(top.Left);
            if (place > 0)
            {
                Consider(order[place - 1], top.Left);
            }

            if (place < order.Count - 1)
            {
                Consider(top.Left, order[place + 1]);
            }
        }

        List<int> ids = [];
        foreach (int index in order)
        {
            Emit(_symbols[index], ids);
        }

        return ids;
    }

    private void Consider(int left, int right)
    {
        string joined = _symbols[left] + _symbols[right];
        if (_frozen[left] || _frozen[right] || !model.Ordinary.TryGetValue(joined, out int id))
        {
            return;
        }

        _agenda.Add((left, right, model.Pieces[id].Score, joined.Length));
        if (model.Pieces[id].Type == SentencePieceType.Unused)
        {
            _parts[joined] = (_symbols[left], _symbols[right]);
        }
    }

    private void Emit(string symbol, List<int> ids)
    {
        int id = model.Reserved.TryGetValue(symbol, out int reserved) ? reserved
            : model.Ordinary.GetValueOrDefault(symbol, model.UnknownId);
        if (model.Pieces[id].Type == SentencePieceType.Unused &&
            _parts.TryGetValue(symbol, out (string Left, string Right) parts))
        {
            Emit(parts.Left, ids);
            Emit(parts.Right, ids);
        }
        else if (id == model.UnknownId && model.ByteIds is not null)
        {
            ids.AddRange(Encoding.UTF8.GetBytes(symbol).Select(value => model.ByteIds[value]));
        }
        else if (id != model.UnknownId || ids.Count == 0 || ids[^1] != id)
        {
            ids.Add(id);
        }
    }
}
