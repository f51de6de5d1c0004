using System.Buffers;
using System.Globalization;
using System.Text;

namespace DenseConnector.Text;

/// <summary>
/// The tokenizer of the Llama, Vicuna and Yi families: the ids of <c>LlamaTokenizer</c> (slow) of transformers 4.36.2.
/// </summary>
/// <remarks>
/// <para>In answers an added token marked special is left out even if no role names it; one that is not special stands
/// in the text as it is, without the spaces that transformers 4.36.2 puts around it.</para>
/// <para>Immutable and thread-safe.</para>
/// </remarks>
internal sealed class SentencePieceBpe : CheckpointTokenizer
{
    private readonly SentencePieceModel _model;
    private readonly SentencePieceMerges _merges;
    private readonly bool _legacy;
    private readonly bool _addsDummyPrefix;
    private readonly string _unknown;
    private readonly int _unknownLength;
    private readonly int? _spaceId;
    private readonly int[] _byteOfId;

    private readonly Dictionary<int, AddedToken> _added;
    private readonly Dictionary<string, int> _vocabulary;
    private readonly HashSet<int> _special = [];
    private readonly LiteralMatcher _addedMatcher;

    /// <summary>Joins a vocabulary and a checkpoint's settings.</summary>
    public SentencePieceBpe(SentencePieceModel model, TokenizerSettings settings)
    {
        _model = model;
        _merges = new SentencePieceMerges(model);
        _legacy = settings.Legacy;

        // Not legacy, transformers clears the flag in the model and puts the space in itself.
        _addsDummyPrefix = settings.Legacy && model.AddDummyPrefix;

        _byteOfId = new int[model.Pieces.Count];
        Array.Fill(_byteOfId, -1);
        for (int value = 0; value < model.ByteIds?.Count; value++)
        {
            _byteOfId[model.ByteIds[value]] = value;
        }

        _added = new Dictionary<int, AddedToken>(settings.AddedTokens);
        _vocabulary = BuildVocabulary();
        foreach (string token in settings.SpecialTokens)
        {
            AddSpecial(token);
        }

        foreach ((int id, AddedToken token) in _added)
        {
            _vocabulary[token.Content] = id;
            if (token.Special)
            {
                _special.Add(id);
            }
        }

        _addedMatcher = new LiteralMatcher(
            _added.Select(token => KeyValuePair.Create(token.Value.Content, token.Key)));
        BosId = settings.Bos is null ? null : IdOf(settings.Bos);
        EosId = settings.Eos is null ? null : IdOf(settings.Eos);
        AddsBos = settings.AddBos && BosId is not null;
        AddsEos = settings.AddEos && EosId is not null;

        _unknown = settings.Unknown ?? string.Empty;
        _spaceId = IdOf(SentencePieceModel.Space.ToString());
        List<int> unknownIds = [];
        EncodePieces(_unknown, string.Empty, unknownIds, null);
        _unknownLength = unknownIds.Count;
    }

    /// <inheritdoc/>
    public override int? BosId { get; }

    /// <inheritdoc/>
    public override int? EosId { get; }

    /// <inheritdoc/>
    public override bool AddsBos { get; }

    /// <summary>Whether every encoded text ends with <see cref="EosId"/>.</summary>
    public bool AddsEos { get; }

    /// <inheritdoc/>
    public override int VocabularySize => _vocabulary.Count;

    /// <inheritdoc/>
    public override int? IdOf(string token) => _vocabulary.TryGetValue(token, out int id) ? id : null;

    /// <inheritdoc/>
    public override bool IsSpecial(int id) => _special.Contains(id);

    /// <inheritdoc/>
    public override StreamingDecoder CreateDecoder() => new SentencePieceDecoder(this);

    /// <inheritdoc/>
    public override string Decode(IEnumerable<int> ids, bool skipSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        StringBuilder text = new();
        if (skipSpecialTokens)
        {
            StreamingDecoder decoder = CreateDecoder();
            foreach (int id in ids)
            {
                text.Append(decoder.Append(id));
            }

            return text.Append(decoder.Flush()).ToString();
        }

        // convert_tokens_to_string: the pieces between special tokens are decoded each by itself.
        PieceDecoder pieces = CreatePieceDecoder();
        StringBuilder run = new();
        bool first = true, afterSpecial = false;
        foreach (int id in ids)
        {
            CheckId(id);
            bool special = IsSpecial(id);
            if (special)
            {
                text.Append(!first && !afterSpecial && _legacy ? " " : string.Empty);
                EndRun();
                text.Append(_added[id].Content);
            }
            else
            {
                AppendTo(pieces, id, dropSpace: first, run);
            }

            (first, afterSpecial) = (false, special);
        }

        EndRun();
        return text.ToString();

        void EndRun()
        {
            pieces.Finish(run);
            text.Append(run);
            run.Clear();
        }
    }

    /// <summary>A decoder for one run of pieces.</summary>
    internal PieceDecoder CreatePieceDecoder() => new(_model, _byteOfId, _addsDummyPrefix);

    /// <summary>Adds one id to a run; an added token goes in as its own string.</summary>
    internal void AppendTo(PieceDecoder pieces, int id, bool dropSpace, StringBuilder text)
    {
        if (_added.TryGetValue(id, out AddedToken? token))
        {
            pieces.AppendLiteral(token.Content, text);
        }
        else
        {
            pieces.Append(id, dropSpace, text);
        }
    }

    /// <summary>Refuses an id the vocabulary does not have.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no such id.</exception>
    internal void CheckId(int id)
    {
        if ((uint)id >= (uint)_model.Pieces.Count && !_added.ContainsKey(id))
        {
            throw new ArgumentOutOfRangeException(nameof(id), id, string.Create(
                CultureInfo.InvariantCulture,
                $"The vocabulary has no token {id}; it has {VocabularySize:N0} tokens."));
        }
    }

    /// <inheritdoc/>
    protected override void Encode(ReadOnlySpan<char> text, List<int> ids, List<Range>? spans)
    {
        if (AddsBos)
        {
            ids.Add(BosId!.Value);
            spans?.Add(0..0);
        }

        int first = ids.Count;
        string? mended = ReplaceLoneSurrogates(text);
        ReadOnlySpan<char> input = mended is null ? text : mended;
        if (_legacy || input.IsEmpty)
        {
            EncodeParts(input, 0, ids, spans);
        }
        else
        {
            // tokenize() of the newer rules: one space goes in front by hand, and out again before a special token.
            string spaced = SentencePieceModel.Space + input.ToString().Replace(SentencePieceModel.Space, ' ');
            EncodeParts(spaced, -1, ids, spans);
            if (ids.Count > first + 1 && ids[first] == _spaceId && IsSpecial(ids[first + 1]))
            {
                ids.RemoveAt(first);
                spans?.RemoveAt(first);
            }
        }

        if (AddsEos)
        {
            ids.Add(EosId!.Value);
            spans?.Add(text.Length..text.Length);
        }
    }

    /// <summary>Splits at added tokens and encodes what lies between (<c>PreTrainedTokenizer.tokenize</c>).</summary>
    /// <param name="text">The text.</param>
    /// <param name="shift">What is added to an index of it to get the caller's.</param>
    /// <param name="ids">Receives the ids.</param>
    /// <param name="spans">Receives the characters each id stands for, if given.</param>
    private void EncodeParts(ReadOnlySpan<char> text, int shift, List<int> ids, List<Range>? spans)
    {
        bool stripsLeft = false;
        int start = 0;
        while (true)
        {
            bool found = _addedMatcher.TryFind(text, start, out int index, out int length, out int id);
            AddedToken? token = found ? _added[id] : null;
            ReadOnlySpan<char> part = text[start..index];
            int partStart = start;
            if (stripsLeft)
            {
                part = PythonText.TrimStart(part);
                partStart = index - part.Length;
            }

            part = token is { LeftStrip: true } ? PythonText.TrimEnd(part) : part;
            EncodePart(part, partStart + shift, ids, spans);
            if (token is null)
            {
                return;
            }

            ids.Add(id);
            spans?.Add(Span(index + shift, index + shift + length));
            stripsLeft = token.RightStrip;
            start = index + length;
        }
    }

    private void EncodePart(ReadOnlySpan<char> part, int origin, List<int> ids, List<Range>? spans)
    {
        if (part.IsEmpty)
        {
            return;
        }

        int first = ids.Count;
        bool guarded = !_legacy && part[0] is ' ' or SentencePieceModel.Space;
        string prefix = guarded ? _unknown
            : _addsDummyPrefix ? SentencePieceModel.Space.ToString()
            : string.Empty;
        if (_model.IgnoresMerges && FindWhole(part, prefix) is int whole)
        {
            ids.Add(whole);
            spans?.Add(Span(origin, origin + part.Length));
            return;
        }

        EncodePieces(part, prefix, ids, spans);

        // _tokenize() of the newer rules encodes the unknown token in front of a leading space, and cuts its pieces off
        // again.
        if (guarded && ids.Count - first >= _unknownLength)
        {
            ids.RemoveRange(first, _unknownLength);
            spans?.RemoveRange(first, _unknownLength);
        }

        for (int i = first; i < spans?.Count; i++)
        {
            int start = Math.Max(spans[i].Start.Value - prefix.Length, 0);
            int end = Math.Max(spans[i].End.Value - prefix.Length, 0);
            spans[i] = Span(origin + start, origin + end);
        }
    }

    /// <summary>The piece that a text is as a whole, the space before it included.</summary>
    private int? FindWhole(ReadOnlySpan<char> part, string prefix)
    {
        string text = string.Concat(prefix == _unknown ? string.Empty : prefix, part);
        return _model.Ordinary.TryGetValue(text.Replace(' ', SentencePieceModel.Space), out int id) ? id : null;
    }

    private void EncodePieces(ReadOnlySpan<char> text, string prefix, List<int> ids, List<Range>? spans)
    {
        int length = prefix.Length + text.Length;
        char[] buffer = ArrayPool<char>.Shared.Rent(length);
        prefix.CopyTo(buffer);
        text.CopyTo(buffer.AsSpan(prefix.Length));
        Span<char> normalized = buffer.AsSpan(0, length);
        normalized.Replace(' ', SentencePieceModel.Space);
        _merges.Encode(normalized, ids, spans);
        ArrayPool<char>.Shared.Return(buffer);
    }

    private Dictionary<string, int> BuildVocabulary()
    {
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        for (int id = 0; id < _model.Pieces.Count; id++)
        {
            vocabulary[_added.TryGetValue(id, out AddedToken? token) ? token.Content : _model.Pieces[id].Text] = id;
        }

        return vocabulary;
    }

    /// <summary>
    /// Makes a named special token (bos_token and so on) an added one, at the vocabulary's end if it is not there.
    /// </summary>
    private void AddSpecial(string content)
    {
        KeyValuePair<int, AddedToken> known = _added.FirstOrDefault(token => token.Value.Content == content);
        if (known.Value is not null)
        {
            _added[known.Key] = known.Value with { Special = true };
            return;
        }

        if (!_vocabulary.TryGetValue(content, out int id))
        {
            // len(get_vocab()): the next number after all tokens there are, those added so far included.
            id = _vocabulary.Keys.Union(_added.Values.Select(token => token.Content)).Count();
            _vocabulary.Add(content, id);
        }

        _added[id] = new AddedToken(content, Special: true);
    }

    /// <summary>A span of the caller's text; what stands for characters put in front of it is empty.</summary>
    private static Range Span(int start, int end) => Math.Max(start, 0)..Math.Max(end, 0);

    /// <inheritdoc/>
    protected override string TokenText(int id) =>
        _added.TryGetValue(id, out AddedToken? token) ? token.Content : _model.Pieces[id].Text;
}
