using System.Globalization;
using System.Text;

namespace DenseConnector.Text;

/// <summary>
/// The tokenizer of the GPT-2, CodeGen (Phi-2) and Llama 3 families: byte-pair encoding over the bytes of UTF-8.
/// </summary>
/// <remarks>
/// <para>Gives the ids of Hugging Face's tokenizers: added tokens are found first, what lies between is split by the
/// scanner, and within each piece the symbols of the bytes merge by rank.</para>
/// <para>An added token that is not special stands in decoded text as it is, without the spaces that the slow
/// tokenizers of transformers 4.36.2 put around it.</para>
/// <para>Immutable and thread-safe.</para>
/// </remarks>
internal sealed class ByteLevelBpe : CheckpointTokenizer
{
    // Of all added tokens: they are looked for with a node for each character.
    private const int MaxAddedCharacters = 1 << 20;

    private readonly BpeVocabulary _vocabulary;
    private readonly PieceScanner _scanner;
    private readonly bool _ignoresMerges;
    private readonly bool _normalizes;
    private readonly bool _addsPrefixSpace;
    private readonly bool _cleansUpSpaces;
    private readonly int[] _before;
    private readonly int[] _after;

    private readonly Dictionary<int, AddedToken> _added;
    private readonly Dictionary<string, int> _addedIds = new(StringComparer.Ordinal);

    // The second finds its tokens only between those of the first.
    private readonly LiteralMatcher[] _matchers;
    private readonly int _normalizedLevel;

    // By id; null where no token has it.
    private readonly string?[] _tokens;
    private readonly byte[] _bytes;
    private readonly int[] _bytesStart;
    private int _addedCharacters;
    private int _nextId;

    /// <summary>Joins what the vocabulary's files and the settings beside them say.</summary>
    /// <exception cref="CheckpointException">The two contradict each other.</exception>
    public ByteLevelBpe(ByteLevelModel model, TokenizerSettings settings)
    {
        _vocabulary = model.Vocabulary;
        _scanner = model.Scanner;
        _ignoresMerges = model.IgnoresMerges;
        _normalizes = model.Normalizes;
        _addsPrefixSpace = settings.AddPrefixSpace ?? model.AddsPrefixSpace;
        _cleansUpSpaces = settings.CleansUpSpaces;

        _nextId = _vocabulary.Ids.Values.Max() + 1;
        _added = [];
        AddTokens(model.AddedTokens);
        AddTokens(settings.AddedTokens.Where(token => !_addedIds.ContainsKey(token.Value.Content)));
        foreach (string token in settings.SpecialTokens)
        {
            AddSpecial(token);
        }

        _tokens = ListTokens();
        VocabularySize = _tokens.Count(token => token is not null);
        (_bytes, _bytesStart) = ListBytes();
        _matchers = [.. _added.GroupBy(token => token.Value.Normalized).OrderBy(group => group.Key).Select(
            group => new LiteralMatcher(group.Select(token => KeyValuePair.Create(token.Value.Content, token.Key))))];

        _normalizedLevel = _added.Values.Any(token => !token.Normalized) ? 1 : 0;

        BosId = settings.Bos is null ? null : IdOf(settings.Bos);
        EosId = settings.Eos is null ? null : IdOf(settings.Eos);
        _before = [.. settings.AddBos && BosId is int bos ? [bos] : model.Before];
        _after = [.. model.After];
        CheckFrame();
        AddsBos = _before.Length > 0 && _before[0] == BosId;
    }

    /// <inheritdoc/>
    public override int? BosId { get; }

    /// <inheritdoc/>
    public override int? EosId { get; }

    /// <inheritdoc/>
    public override bool AddsBos { get; }

    /// <inheritdoc/>
    public override int VocabularySize { get; }

    /// <inheritdoc/>
    public override int? IdOf(string token) =>
        _addedIds.TryGetValue(token, out int id) || _vocabulary.TryGetId(token, out id) ? id : null;

    /// <inheritdoc/>
    public override bool IsSpecial(int id) => _added.TryGetValue(id, out AddedToken? token) && token.Special;

    /// <inheritdoc/>
    public override StreamingDecoder CreateDecoder() => CreateDecoder(skipSpecialTokens: true, _cleansUpSpaces);

    /// <summary>A decoder for one answer.</summary>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    /// <param name="cleanUpSpaces">Whether spaces before punctuation are taken out.</param>
    public ByteLevelDecoder CreateDecoder(bool skipSpecialTokens, bool cleanUpSpaces) =>
        new(this, skipSpecialTokens, cleanUpSpaces);

    /// <inheritdoc/>
    public override string Decode(IEnumerable<int> ids, bool skipSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        List<byte> bytes = [];
        foreach (int id in ids)
        {
            ReadOnlySpan<byte> token = BytesOf(id);
            if (!skipSpecialTokens || !IsSpecial(id))
            {
                bytes.AddRange(token);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>The bytes that a token stands for; for an added one its string in UTF-8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no such id.</exception>
    internal ReadOnlySpan<byte> BytesOf(int id)
    {
        if ((uint)id >= (uint)_tokens.Length || _tokens[id] is null)
        {
            throw new ArgumentOutOfRangeException(nameof(id), id, string.Create(
                CultureInfo.InvariantCulture,
                $"The vocabulary has no token {id}; it has {VocabularySize:N0} tokens."));
        }

        return _bytes.AsSpan(_bytesStart[id].._bytesStart[id + 1]);
    }

    /// <inheritdoc/>
    protected override void Encode(ReadOnlySpan<char> text, List<int> ids, List<Range>? spans)
    {
        Output output = new(ids, spans);
        foreach (int id in _before)
        {
            output.Emit(id, 0, 0);
        }

        string? mended = ReplaceLoneSurrogates(text);
        EncodeParts(mended is null ? text : mended, 0, 0, output);
        foreach (int id in _after)
        {
            output.Emit(id, text.Length, text.Length);
        }
    }

    /// <inheritdoc/>
    protected override string TokenText(int id) => _tokens[id]!;

    /// <summary>Splits at the added tokens of one matcher and gives what lies between to the next.</summary>
    /// <param name="text">The text.</param>
    /// <param name="origin">What is added to an index of it to get the caller's.</param>
    /// <param name="level">Which matcher.</param>
    /// <param name="output">Where the ids go.</param>
    private void EncodeParts(ReadOnlySpan<char> text, int origin, int level, Output output)
    {
        if (_normalizes && level == _normalizedLevel &&
            NormalFormC.Normalize(text, out List<Range> origins) is string form)
        {
            output.Enter(origins, origin);
            EncodeNormalized(form, 0, level, output);
            output.Leave();
        }
        else
        {
            EncodeNormalized(text, origin, level, output);
        }
    }

    private void EncodeNormalized(ReadOnlySpan<char> text, int origin, int level, Output output)
    {
        if (level == _matchers.Length)
        {
            EncodeText(text, origin, output);
            return;
        }

        int done = 0, from = 0;
        while (_matchers[level].TryFind(text, from, out int index, out int length, out int id))
        {
            AddedToken token = _added[id];
            int start = index, end = index + length;

            // It may begin within the white space that the token before it has taken already.
            if (start > done)
            {
                ReadOnlySpan<char> part = text[done..start];
                part = token.LeftStrip ? part.TrimEnd() : part;
                EncodeParts(part, origin + done, level + 1, output);
                start = done + part.Length;
            }

            end += token.RightStrip ? text.Length - end - text[end..].TrimStart().Length : 0;
            output.Emit(id, origin + start, origin + end);
            (done, from) = (Math.Max(done, end), index + length);
        }

        EncodeParts(text[done..], origin + done, level + 1, output);
    }

    private void EncodeText(ReadOnlySpan<char> text, int origin, Output output)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (_addsPrefixSpace && text[0] != ' ')
        {
            // The space is none of the caller's, so no span reaches before this.
            output.FirstCharacter = origin;
            text = $" {text}";
            origin--;
        }

        for (int start = 0, end; start < text.Length; start = end)
        {
            end = _scanner(text, start);
            EncodePiece(text[start..end], origin + start, output);
        }
    }

    private void EncodePiece(ReadOnlySpan<char> piece, int origin, Output output)
    {
        ReadOnlySpan<byte> bytes = output.Utf8Of(piece);
        if (_ignoresMerges && _vocabulary.TryGetId(output.CharactersOf(bytes), out int whole))
        {
            output.Emit(whole, origin, origin + piece.Length);
            return;
        }

        SymbolRun run = output.Run;
        run.Clear();
        int previous = -1;
        foreach (byte value in bytes)
        {
            int symbol = _vocabulary.ByteIds[value];
            if (run.Count > 0)
            {
                _vocabulary.Merges.TryGet(previous, symbol, out int rank, out int merged);
                run.SetMerge(run.Count - 1, rank, merged);
            }

            run.Add(symbol, 1);
            previous = symbol;
        }

        run.Merge(_vocabulary.Merges);
        output.EmitRun(piece, origin);
    }

    private void AddTokens(IEnumerable<KeyValuePair<int, AddedToken>> tokens)
    {
        foreach ((int id, AddedToken token) in tokens)
        {
            _addedCharacters += token.Content.Length;
            string? problem = id >= BpeVocabulary.MaxTokens ? $"ids end at {BpeVocabulary.MaxTokens - 1}"
                : _addedCharacters > MaxAddedCharacters ? $"all have {MaxAddedCharacters} characters at most"
                : _vocabulary.TryGetId(token.Content, out int own) && own != id ? $"it is token {own} of the vocabulary"
                : _added.TryGetValue(id, out AddedToken? other) ? $"that is {Shown(other.Content)}"
                : _addedIds.TryGetValue(token.Content, out int earlier) ? $"it has the id {earlier} already"
                : null;
            if (problem is not null)
            {
                throw new CheckpointException(_vocabulary.File, string.Create(
                    CultureInfo.InvariantCulture,
                    $"goes with an added token {Shown(token.Content)} of id {id}, but {problem}."));
            }

            _nextId = Math.Max(_nextId, id + 1);
            _added.Add(id, token);
            _addedIds.Add(token.Content, id);
        }
    }

    /// <summary>
    /// Makes a named special token (bos_token and so on) an added one, at the vocabulary's end if it is not there.
    /// </summary>
    private void AddSpecial(string content)
    {
        if (_addedIds.TryGetValue(content, out int id))
        {
            _added[id] = _added[id] with { Special = true };
            return;
        }

        if (!_vocabulary.TryGetId(content, out id))
        {
            id = _nextId;
        }

        AddTokens([KeyValuePair.Create(id, new AddedToken(content, Special: true))]);
    }

    private string?[] ListTokens()
    {
        string?[] tokens = new string?[_nextId];
        foreach ((string token, int id) in _vocabulary.Ids)
        {
            tokens[id] = token;
        }

        foreach ((int id, AddedToken token) in _added)
        {
            tokens[id] = tokens[id] is null || tokens[id] == token.Content ? token.Content
                : throw new CheckpointException(_vocabulary.File, string.Create(
                    CultureInfo.InvariantCulture,
                    $"has {Shown(tokens[id]!)} as token {id}, and the added token {Shown(token.Content)} too."));
        }

        return tokens;
    }

    private (byte[] Bytes, int[] Starts) ListBytes()
    {
        List<byte> bytes = [];
        int[] starts = new int[_tokens.Length + 1];
        for (int id = 0; id < _tokens.Length; id++)
        {
            bytes.AddRange(
                _added.TryGetValue(id, out AddedToken? token) ? Encoding.UTF8.GetBytes(token.Content)
                : _tokens[id] is string text ? ByteCharacters.BytesOf(text)
                : []);
            starts[id + 1] = bytes.Count;
        }

        return ([.. bytes], starts);
    }

    private void CheckFrame()
    {
        foreach (int id in _before.Concat(_after))
        {
            if ((uint)id >= (uint)_tokens.Length || _tokens[id] is null)
            {
                throw new CheckpointException(_vocabulary.File, string.Create(
                    CultureInfo.InvariantCulture, $"has a post-processor that adds token {id}, which does not exist."));
            }
        }
    }

    private static string Shown(string token) => token.Length <= 40 ? $"'{token}'" : $"'{token[..37]}...'";

    /// <summary>Where the ids go, and the working memory of one call.</summary>
    private sealed class Output(List<int> ids, List<Range>? spans)
    {
        private byte[] _utf8 = new byte[256];
        private char[] _characters = new char[256];
        private List<Range>? _origins;
        private int _origin;

        /// <summary>The symbols being merged.</summary>
        public SymbolRun Run { get; } = new();

        /// <summary>Where the spans of what follows start at the earliest.</summary>
        public int FirstCharacter { get; set; }

        /// <summary>The bytes of a piece, until the next call.</summary>
        public ReadOnlySpan<byte> Utf8Of(ReadOnlySpan<char> piece)
        {
            int most = Encoding.UTF8.GetMaxByteCount(piece.Length);
            if (most > _utf8.Length)
            {
                _utf8 = new byte[most];
            }

            return _utf8.AsSpan(0, Encoding.UTF8.GetBytes(piece, _utf8));
        }

        /// <summary>The characters that stand for bytes, until the next call.</summary>
        public ReadOnlySpan<char> CharactersOf(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length > _characters.Length)
            {
                _characters = new char[bytes.Length];
            }

            for (int i = 0; i < bytes.Length; i++)
            {
                _characters[i] = ByteCharacters.Of(bytes[i]);
            }

            return _characters.AsSpan(0, bytes.Length);
        }

        /// <summary>Says that what follows is counted in a text that was made from another.</summary>
        /// <param name="origins">For each of its characters the range it comes from.</param>
        /// <param name="origin">What is added to an index of that range to get the caller's.</param>
        public void Enter(List<Range> origins, int origin)
        {
            (_origins, _origin) = (origins, origin);
            FirstCharacter = 0;
        }

        /// <summary>Ends what <see cref="Enter"/> began.</summary>
        public void Leave()
        {
            _origins = null;
            FirstCharacter = 0;
        }

        /// <summary>Adds one id.</summary>
        public void Emit(int id, int start, int end)
        {
            ids.Add(id);
            (start, end) = (Math.Max(start, FirstCharacter), Math.Max(end, FirstCharacter));
            if (_origins is not null)
            {
                int from = start < _origins.Count ? _origins[start].Start.Value : _origins[^1].End.Value;
                (start, end) = (_origin + from, _origin + (end > start ? _origins[end - 1].End.Value : from));
            }

            spans?.Add(start..end);
        }

        /// <summary>Adds the ids of <see cref="Run"/>.</summary>
        public void EmitRun(ReadOnlySpan<char> piece, int origin)
        {
            ReadOnlySpan<int> symbols = Run.Symbols, lengths = Run.Lengths;
            int position = 0, bytes = 0;
            for (int i = 0; i < symbols.Length; i++)
            {
                if (lengths[i] > 0)
                {
                    int start = position;
                    if (spans is not null)
                    {
                        bytes += lengths[i];
                        Advance(piece, ref position, ref bytes);
                    }

                    Emit(symbols[i], origin + start, origin + position);
                }
            }
        }

        /// <summary>
        /// Goes over the characters whose bytes have all come; one in several tokens belongs to the last of them.
        /// </summary>
        private static void Advance(ReadOnlySpan<char> piece, ref int position, ref int bytes)
        {
            while (position < piece.Length)
            {
                Rune.DecodeFromUtf16(piece[position..], out Rune character, out int length);
                if (character.Utf8SequenceLength > bytes)
                {
                    break;
                }

                bytes -= character.Utf8SequenceLength;
                position += length;
            }
        }
    }
}
