using System.Text;

namespace DenseConnector.Text;

/// <summary>
/// Splits normalised text into pieces by merging neighbours, best score first and of equal ones the leftmost.
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

    // Below this length looking through all pairs beats a heap.
    private const int ShortSegment = 24;

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

            if (segment.Count > 0)
            {
                bool joined = _table.TryGet(previous, symbol, out int rank, out int merged);
                if (joined || _hasUnused)
                {
                    segment.SetMerge(segment.Count - 1, rank, merged);
                }
                else
                {
                    EncodeSegment(text, segment);
                    segment.Start = position;
                    segment.Count = 0;
                }
            }

            segment.Add(symbol, length);
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
        // A piece that is not to be used is taken apart again into what it was merged from last, wherever in the text
        // that was: such vocabularies are merged in the reference's order, over the whole text.
        Dictionary<int, (int Left, int LeftLength, int Right)>? parts = _hasUnused ? [] : null;
        if (segment.Count == 0)
        {
            return;
        }

        if (segment.Count > ShortSegment || _hasUnused)
        {
            MergeByHeap(segment, parts);
        }
        else if (segment.Count > 1)
        {
            MergeByScan(segment);
        }

        int position = segment.Start;
        for (int i = 0; i < segment.Count; i++)
        {
            if (segment.Lengths[i] > 0)
            {
                Emit(segment.Symbols[i], text, position, segment.Lengths[i], parts, segment);
                position += segment.Lengths[i];
            }
        }
    }

    private void MergeByScan(Segment segment)
    {
        while (true)
        {
            int best = -1, bestRank = MergeTable.NoMerge;
            for (int i = 0; i < segment.Count - 1; i++)
            {
                if (segment.Ranks[i] < bestRank)
                {
                    (best, bestRank) = (i, segment.Ranks[i]);
                }
            }

            if (best < 0)
            {
                return;
            }

            segment.MergeAndClose(best);
            Look(segment, best - 1, best);
            Look(segment, best, best + 1);
        }
    }

    private void Look(Segment segment, int left, int right)
    {
        if (left >= 0 && right < segment.Count)
        {
            _table.TryGet(segment.Symbols[left], segment.Symbols[right], out int rank, out int merged);
            segment.SetMerge(left, rank, merged);
        }
    }

    private void MergeByHeap(Segment segment, Dictionary<int, (int Left, int LeftLength, int Right)>? parts)
    {
        int count = segment.Count;
        int[] previous = new int[count], next = new int[count];
        PriorityQueue<int, ulong> queue = new(count);
        for (int i = 0; i < count; i++)
        {
            previous[i] = i - 1;
            next[i] = i + 1;
            if (i < count - 1)
            {
                Queue(i, i + 1);
            }
        }

        segment.Ranks[count - 1] = MergeTable.NoMerge;
        while (queue.TryDequeue(out int left, out ulong priority))
        {
            // Out of date if the left or the right symbol has been merged since.
            if (segment.Ranks[left] != (int)(priority >> 32))
            {
                continue;
            }

            int right = next[left];
            segment.Symbols[left] = segment.Merged[left];
            segment.Lengths[left] += segment.Lengths[right];
            segment.Lengths[right] = 0;
            segment.Ranks[right] = segment.Ranks[left] = MergeTable.NoMerge;
            next[left] = next[right];
            if (next[left] < count)
            {
                previous[next[left]] = left;
            }

            Refresh(previous[left], left);
            Refresh(left, next[left]);
        }

        void Refresh(int left, int right)
        {
            if (left >= 0 && right < count)
            {
                _table.TryGet(segment.Symbols[left], segment.Symbols[right], out int rank, out int merged);
                segment.SetMerge(left, rank, merged);
                Queue(left, right);
            }
        }

        void Queue(int left, int right)
        {
            int rank = segment.Ranks[left];
            if (rank == MergeTable.NoMerge)
            {
                return;
            }

            queue.Enqueue(left, ((ulong)(uint)rank << 32) | (uint)left);
            if (parts is not null && _model.Pieces[segment.Merged[left]].Type == SentencePieceType.Unused)
            {
                parts[segment.Merged[left]] = (segment.Symbols[left], segment.Lengths[left], segment.Symbols[right]);
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
                    if (left != Unknown && right != Unknown)
                    {
                        pairs[(left, right)] = (rankOfScore[_model.Pieces[id].Score], id);
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
        /// <summary>Where the segment starts in the text.</summary>
        public int Start;

        /// <summary>How many symbols it has.</summary>
        public int Count;

        /// <summary>Whether the id given last is the unknown piece, for a run of unknown characters.</summary>
        public bool EndsWithUnknown;

        /// <summary>The symbols.</summary>
        public int[] Symbols = new int[64];

        /// <summary>For each symbol the characters it stands for; 0 if it was merged into the one before.</summary>
        public int[] Lengths = new int[64];

        /// <summary>For each symbol the rank of its merge with the next one.</summary>
        public int[] Ranks = new int[64];

        /// <summary>For each symbol the result of its merge with the next one.</summary>
        public int[] Merged = new int[64];

        public void Add(int symbol, int length)
        {
            if (Count == Symbols.Length)
            {
                Array.Resize(ref Symbols, 2 * Count);
                Array.Resize(ref Lengths, 2 * Count);
                Array.Resize(ref Ranks, 2 * Count);
                Array.Resize(ref Merged, 2 * Count);
            }

            Symbols[Count] = symbol;
            Lengths[Count] = length;
            Count++;
        }

        public void SetMerge(int left, int rank, int merged)
        {
            Ranks[left] = rank;
            Merged[left] = merged;
        }

        /// <summary>Merges a symbol with the next one and moves the rest up.</summary>
        public void MergeAndClose(int left)
        {
            Symbols[left] = Merged[left];
            Lengths[left] += Lengths[left + 1];
            for (int i = left + 1; i < Count - 1; i++)
            {
                Symbols[i] = Symbols[i + 1];
                Lengths[i] = Lengths[i + 1];
                Ranks[i] = Ranks[i + 1];
                Merged[i] = Merged[i + 1];
            }

            Count--;
        }

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
