using System.Buffers;
using Microsoft.ML.Tokenizers;

namespace DenseConnector.Text;

/// <summary>A tokenizer read from a checkpoint: text to ids as the reference does it, and ids back to text.</summary>
/// <remarks>
/// <para><c>EncodeToIds</c> gives what <c>tokenizer(text).input_ids</c> gives, whatever the checkpoint adds before and
/// after a text included. A lone surrogate is read as U+FFFD. Splitting the text is part of the algorithm, so
/// <c>considerPreTokenization</c> and <c>considerNormalization</c> change nothing, and offsets are those of the
/// text.</para>
/// <para>Immutable and thread-safe.</para>
/// </remarks>
internal abstract class CheckpointTokenizer : Tokenizer
{
    /// <summary>The id that starts a text, if there is one.</summary>
    public abstract int? BosId { get; }

    /// <summary>The id that ends an answer, if there is one.</summary>
    public abstract int? EosId { get; }

    /// <summary>Whether every encoded text starts with <see cref="BosId"/>.</summary>
    public abstract bool AddsBos { get; }

    /// <summary>How many tokens there are, added ones included: <c>len(tokenizer)</c>.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>The id of a token by its exact string, or <c>null</c> if the vocabulary has none.</summary>
    public abstract int? IdOf(string token);

    /// <summary>Whether the id is left out of decoded answers.</summary>
    public abstract bool IsSpecial(int id);

    /// <summary>
    /// A decoder for one answer: special tokens are left out, and the spaces are those the reference shows.
    /// </summary>
    public abstract StreamingDecoder CreateDecoder();

    /// <summary>
    /// Decodes ids, special tokens kept or left out: <c>decode(ids, skip_special_tokens=…,
    /// clean_up_tokenization_spaces=False)</c> of the reference.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no such id.</exception>
    public abstract string Decode(IEnumerable<int> ids, bool skipSpecialTokens);

    /// <summary>Decodes ids, special tokens kept.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no such id.</exception>
    public override string Decode(IEnumerable<int> ids) => Decode(ids, skipSpecialTokens: false);

    /// <summary>Decodes ids into a buffer, special tokens kept.</summary>
    /// <remarks>
    /// All or nothing: the text of an id depends on its neighbours (bytes of one character, spaces beside special
    /// tokens), so a part of the ids would not decode to a part of the text.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no such id.</exception>
    public override OperationStatus Decode(
        IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        IReadOnlyCollection<int> all = ids as IReadOnlyCollection<int> ?? [.. ids];
        string text = Decode(all, skipSpecialTokens: false);
        if (!text.TryCopyTo(destination))
        {
            (idsConsumed, charsWritten) = (0, 0);
            return OperationStatus.DestinationTooSmall;
        }

        (idsConsumed, charsWritten) = (all.Count, text.Length);
        return OperationStatus.Done;
    }

    /// <summary>Encodes a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">Receives the ids.</param>
    /// <param name="spans">Receives the characters each id stands for, if given.</param>
    protected abstract void Encode(ReadOnlySpan<char> text, List<int> ids, List<Range>? spans);

    /// <summary>The string of a token as the vocabulary has it.</summary>
    protected abstract string TokenText(int id);

    /// <inheritdoc/>
    protected override EncodeResults<EncodedToken> EncodeToTokens(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ReadOnlySpan<char> input = text is null ? textSpan : text;
        (List<int> ids, List<Range> spans) = EncodeWithSpans(input, settings.MaxTokenCount);
        return new EncodeResults<EncodedToken>
        {
            Tokens = [.. ids.Zip(spans, (id, span) => new EncodedToken(id, TokenText(id), span))],
            CharsConsumed = CharsConsumed(input, ids, spans, settings.MaxTokenCount),
        };
    }

    /// <inheritdoc/>
    protected override EncodeResults<int> EncodeToIds(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ReadOnlySpan<char> input = text is null ? textSpan : text;
        if (settings.MaxTokenCount == int.MaxValue)
        {
            List<int> all = [];
            Encode(input, all, null);
            return new EncodeResults<int> { Tokens = all, CharsConsumed = input.Length };
        }

        (List<int> ids, List<Range> spans) = EncodeWithSpans(input, settings.MaxTokenCount);
        return new EncodeResults<int>
        {
            Tokens = ids,
            CharsConsumed = CharsConsumed(input, ids, spans, settings.MaxTokenCount),
        };
    }

    /// <inheritdoc/>
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings) =>
        EncodeToIds(text, textSpan, settings).Tokens.Count;

    /// <summary>The text with U+FFFD for each lone surrogate, or <c>null</c> if it has none to replace.</summary>
    protected static string? ReplaceLoneSurrogates(ReadOnlySpan<char> text)
    {
        int position = text.IndexOfAnyInRange('\ud800', '\udfff');
        if (position < 0)
        {
            return null;
        }

        char[] mended = text.ToArray();
        for (; position < mended.Length; position++)
        {
            if (!char.IsSurrogate(mended[position]))
            {
                continue;
            }

            if (position + 1 < mended.Length && char.IsSurrogatePair(mended[position], mended[position + 1]))
            {
                position++;
            }
            else
            {
                mended[position] = '\ufffd';
            }
        }

        return new string(mended);
    }

    private (List<int> Ids, List<Range> Spans) EncodeWithSpans(ReadOnlySpan<char> text, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        List<int> ids = [];
        List<Range> spans = [];
        Encode(text, ids, spans);
        if (ids.Count > limit)
        {
            ids.RemoveRange(limit, ids.Count - limit);
            spans.RemoveRange(limit, spans.Count - limit);
        }

        return (ids, spans);
    }

    private static int CharsConsumed(ReadOnlySpan<char> text, List<int> ids, List<Range> spans, int limit) =>
        ids.Count < limit ? text.Length : spans[^1].End.Value;
}
