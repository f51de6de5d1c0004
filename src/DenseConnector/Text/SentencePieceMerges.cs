using System.Text;

namespace DenseConnector.Text;

/// <summary>
/// Splits normalised text into pieces by merging neighbours, best score first and of equal ones the leftmost; where a
/// model has merges instead of scores, those in their order.
/// </summary>
/// <remarks>
/// The algorithm is <c>bpe::Model::Encode</c> of google/sentencepiece. Two things make it fast without changing a
/// result: symbols are numbers and a merge is one look-up of two of them; and the text is cut wherever no piece of the
/// vocabulary has the two neighbouring characters side by side, since no merge can cross such a place. Immutable and
/// thread-safe.
/// </remarks>
internal sealed class SentencePieceMerges
{
    private const int Unknown = -1;

    private readonly SentencePieceModel _model;
    private readonly MergeTable _table;
    private readonly LiteralMatcher? _userDefined;
    private readonly int[] _symbolOfChar = new int[char.MaxValue + 1];
    private readonly Dictionary<int, int> _symbolOfRune = [];
    private readonly int[] _idOfSymbol;
    private readonly bool _hasUnused;

    /// <summary>Prepares the merges of a vocabulary.</summary>
    public SentencePieceMerges(SentencePieceModel model)
    {
        _model = model;
        _hasUnused = model.Pieces.Any(piece => piece.Type == SentencePieceType.Unused);

        Array.Fill(_symbolOfChar, Unknown);
        List<int> idOfSymbol = [.. Enumerable.Range(0, model.Pieces.Count)];
        foreach ((string text, int id) in model.Ordinary)
        {
            // As in PieceToId, a reserved piece of the same text goes first.
            idOfSymbol[id] = model.Reserved.GetValueOrDefault(text, id);
        }

        foreach (string text in model.Ordinary.Keys.Concat(model.Reserved.Keys))
        {
            AddCharacters(text, idOfSymbol);
        }

        _idOfSymbol = [.. idOfSymbol];
        _table = new MergeTable(FindPairs());
        Dictionary<string, int> userDefined = model.Ordinary
            .Where(piece => model.Pieces[piece.Value].Type == SentencePieceType.UserDefined)
            .ToDictionary(StringComparer.Ordinal);
        _userDefined = userDefined.Count > 0 ? new LiteralMatcher(userDefined) : null;
    }

    /// <summary>Appends the ids of a text.</summary>
    /// <param name="text">Normalised text (U+2581 for a space) without lone surrogates.</param>
    /// <param name="ids">Receives the ids.</param>
    /// <param name="spans">
    /// Receives for each id which characters of <paramref name="text"/> it stands for, if given.
    /// </param>
    public void Encode(ReadOnlySpan<char> text, List<int> ids, List<Range>? spans)
    {
        Segment segment = new(ids, spans);
        int previous = Unknown;
        for (int position = 0, length; position < text.Length; position += length)
        {
            int symbol;
            if (_userDefined is null || !_userDefined.TryMatch(text, position, out length, out symbol))
            {
                symbol = SymbolAt(text, position, out length);
            }

            if (segment.Run.Count > 0)
            {
                bool joined = _table.TryGet(previous, symbol, out int rank, out int merged);
                if (joined || _hasUnused)
                {
                    segment.Run.SetMerge(segment.Run.Count - 1, rank, merged);
                }
                else
                {
                    EncodeSegment(text, segment);
                    segment.Start = position;
                    segment.Run.Clear();
                }
            }

            segment.Run.Add(symbol, length);
            previous = symbol;
        }

        EncodeSegment(text, segment);
    }

    private int SymbolAt(ReadOnlySpan<char> text, int position, out int length)
    {
        char c = text[position];
        if (!char.IsHighSurrogate(c))
        {
            length = 1;
            return _symbolOfChar[c];
        }

        length = 2;
        return _symbolOfRune.GetValueOrDefault(char.ConvertToUtf32(c, text[position + 1]), Unknown);
    }

    private void EncodeSegment(ReadOnlySpan<char> text, Segment segment)
    {
        if (segment.Run.Count == 0)
        {
            return;
        }

        // A piece that is not to be used is taken apart again into what it was merged from last, wherever in the text
        // that was: such vocabularies are merged in the reference's order, over the whole text.
        Dictionary<int, (int Left, int LeftLength, int Right)>? parts = null;
        if (_hasUnused)
        {
            parts = [];
            segment.Run.MergeInOrder(_table, (left, leftLength, right, merged) =>
            {
                if (_model.Pieces[merged].Type == SentencePieceType.Unused)
                {
                    parts[merged] = (left, leftLength, right);
                }
            });
        }
        else
        {
            segment.Run.Merge(_table);
        }

        ReadOnlySpan<int> symbols = segment.Run.Symbols, lengths = segment.Run.Lengths;
        int position = segment.Start;
        for (int i = 0; i < symbols.Length; i++)
        {
            if (lengths[i] > 0)
            {
                Emit(symbols[i], text, position, lengths[i], parts, segment);
                position += lengths[i];
            }
        }
    }

    private void Emit(
        int symbol,
        ReadOnlySpan<char> text,
        int start,
        int length,
        Dictionary<int, (int Left, int LeftLength, int Right)>? parts,
        Segment output)
    {
        int id = symbol == Unknown ? Unknown : _idOfSymbol[symbol];
        if (id != Unknown)
        {
            if (parts is not null && _model.Pieces[id].Type == SentencePieceType.Unused &&
                parts.TryGetValue(id, out (int Left, int LeftLength, int Right) split))
            {
                Emit(split.Left, text, start, split.LeftLength, parts, output);
                Emit(split.Right, text, start + split.LeftLength, length - split.LeftLength, parts, output);
                return;
            }

            output.Emit(id, start, start + length);
        }
        else if (_model.ByteIds is { } byteIds)
        {
            EmitBytes(text.Slice(start, length), start, byteIds, output);
        }
        else if (!output.EndsWithUnknown)
        {
            // Unknown characters in a row are one unknown piece.
            output.Emit(_model.UnknownId, start, start + length);
            output.EndsWithUnknown = true;
        }
        else
        {
            output.ExtendLast(start + length);
        }
    }

    private static void EmitBytes(ReadOnlySpan<char> character, int start, IReadOnlyList<int> byteIds, Segment output)
    {
        Span<byte> utf8 = stackalloc byte[4];
        int bytes = Encoding.UTF8.GetBytes(character, utf8);
        for (int i = 0; i < bytes; i++)
        {
            // As in SentencePiece, the character belongs to the last of its bytes.
            output.Emit(byteIds[utf8[i]], start, i == bytes - 1 ? start + character.Length : start);
        }
    }

    /// <summary>Gives every character of a piece a symbol: its own piece, or else a number above all pieces.</summary>
    private void AddCharacters(string text, List<int> idOfSymbol)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            ref int symbol = ref _symbolOfChar[0];
            if (rune.IsBmp)
            {
                symbol = ref _symbolOfChar[rune.Value];
                if (symbol != Unknown)
                {
                    continue;
                }
            }
            else if (_symbolOfRune.ContainsKey(rune.Value))
            {
                continue;
            }

            string character = rune.ToString();
            int found = _model.Ordinary.GetValueOrDefault(character, Unknown);
            if (found == Unknown)
            {
                found = idOfSymbol.Count;
                idOfSymbol.Add(_model.Reserved.GetValueOrDefault(character, Unknown));
            }

            if (rune.IsBmp)
            {
                symbol = found;
            }
            else
            {
                _symbolOfRune.Add(rune.Value, found);
            }
        }
    }

    /// <summary>
    /// Finds every pair of symbols whose texts joined are a piece, and every two characters that stand side by side in
    /// one.
    /// </summary>
    private Dictionary<(int Left, int Right), (int Rank, int Merged)> FindPairs()
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ordinary =
            _model.Ordinary.GetAlternateLookup<ReadOnlySpan<char>>();
        Dictionary<float, int> rankOfScore = _model.Pieces.Select(piece => piece.Score).Distinct()
            .OrderDescending().Select((score, rank) => (score, rank)).ToDictionary();
        Dictionary<(int Left, int Right), (int Rank, int Merged)> pairs = [];
        foreach ((string text, int id) in _model.Ordinary)
        {
            int before = Unknown;
            for (int i = 0, length; i < text.Length; i += length)
            {
                int character = SymbolAt(text, i, out length);
                if (i > 0)
                {
                    pairs.TryAdd((before, character), (MergeTable.NoMerge, Unknown));
                    int left = PartSymbol(text.AsSpan(0, i)), right = PartSymbol(text.AsSpan(i));
                    int rank = _model.MergeRanks is null ? rankOfScore[_model.Pieces[id].Score]
                        : _model.MergeRanks.GetValueOrDefault((left, right), MergeTable.NoMerge);
                    if (left != Unknown && right != Unknown && rank != MergeTable.NoMerge)
                    {
                        pairs[(left, right)] = (rank, id);
                    }
                }

                before = character;
            }
        }

        return pairs;

        int PartSymbol(ReadOnlySpan<char> part)
        {
            bool isCharacter = part.Length == 1 || (part.Length == 2 && char.IsHighSurrogate(part[0]));
            int symbol = isCharacter ? SymbolAt(part, 0, out _) : ordinary.TryGetValue(part, out int id) ? id : Unknown;

            // A user-defined piece is found as a whole and never merged into another one.
            bool frozen = (uint)symbol < (uint)_model.Pieces.Count &&
                _model.Pieces[symbol].Type == SentencePieceType.UserDefined;
            return frozen ? Unknown : symbol;
        }
    }

    /// <summary>The symbols being merged, and where the ids go: the working memory of one call.</summary>
    private sealed class Segment(List<int> ids, List<Range>? spans)
    {
        /// <summary>The symbols.</summary>
        public SymbolRun Run { get; } = new();

        /// <summary>Where the segment starts in the text.</summary>
        public int Start;

        /// <summary>Whether the id given last is the unknown piece, for a run of unknown characters.</summary>
        public bool EndsWithUnknown;

        public void Emit(int id, int start, int end)
        {
            ids.Add(id);
            spans?.Add(start..end);
            EndsWithUnknown = false;
        }

        public void ExtendLast(int end)
        {
            if (spans is not null)
            {
                spans[^1] = spans[^1].Start..end;
            }
        }
    }
}
