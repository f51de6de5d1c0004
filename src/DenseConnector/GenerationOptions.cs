using System.Globalization;
using System.Runtime.CompilerServices;

namespace DenseConnector;

/// <summary>How an answer is made: greedy by default, as in the official evaluation scripts.</summary>
/// <remarks>
/// Immutable; each property checks itself. Sampling filters apply in the order of transformers: repetition penalty,
/// temperature, top-k, top-p, min-p. Frequency and presence penalty come right after the repetition penalty.
/// </remarks>
public sealed record GenerationOptions
{
    /// <summary>
    /// The most tokens to make; the answer then ends with <see cref="FinishReason.Length"/>. At least 1.
    /// </summary>
    public int MaxNewTokens
    {
        get;
        init => field = value >= 1 ? value : throw Invalid(value, "at least 1");
    } = 512;

    /// <summary>Divides the logits before drawing; 0 always takes the most likely token (greedy).</summary>
    public float Temperature
    {
        get;
        init => field = value >= 0 && float.IsFinite(value)
            ? value
            : throw Invalid(value, "0 (greedy) or a positive number");
    }

    /// <summary>Draws only among the most likely tokens that together reach this probability; 1 keeps all.</summary>
    public float TopP
    {
        get;
        init => field = value is > 0 and <= 1 ? value : throw Invalid(value, "greater than 0 and at most 1");
    } = 1f;

    /// <summary>Draws only among this many most likely tokens; 0 keeps all.</summary>
    public int TopK
    {
        get;
        init => field = value >= 0 ? value : throw Invalid(value, "0 (all tokens) or a positive number");
    }

    /// <summary>Draws only among tokens at least this likely relative to the most likely one; 0 keeps all.</summary>
    public float MinP
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw Invalid(value, "from 0 to 1");
    }

    /// <summary>
    /// Makes tokens that were already generated less likely (arXiv 1909.05858); 1 changes nothing. The prompt's tokens
    /// do not count, as in the official code, which generates from embeddings.
    /// </summary>
    public float RepetitionPenalty
    {
        get;
        init => field = value > 0 && float.IsFinite(value) ? value : throw Invalid(value, "greater than 0");
    } = 1f;

    /// <summary>
    /// Subtracted from a token's logit once for each time it was generated before (OpenAI's definition): positive
    /// values keep the answer from repeating itself, 0 changes nothing. The prompt's tokens do not count.
    /// </summary>
    public float FrequencyPenalty
    {
        get;
        init => field = value is >= -2 and <= 2 ? value : throw Invalid(value, "from -2 to 2");
    }

    /// <summary>
    /// Subtracted from the logit of every token that was generated before, however often (OpenAI's definition):
    /// positive values bring in other words, 0 changes nothing. The prompt's tokens do not count.
    /// </summary>
    public float PresencePenalty
    {
        get;
        init => field = value is >= -2 and <= 2 ? value : throw Invalid(value, "from -2 to 2");
    }

    /// <summary>
    /// How many answers are followed at once, of which the most likely one per token is given (beam search); 1 makes
    /// one answer token by token.
    /// </summary>
    /// <remarks>
    /// <para>
    /// As <c>generate(num_beams=…)</c> of transformers 4.36: length penalty 1, no early stopping. With a
    /// <see cref="Temperature"/> above 0 the beams' tokens are drawn (beam sampling) by the same rule, but not with
    /// torch's random numbers, so answers differ from the official code's as those of two of its seeds do.
    /// </para>
    /// <para>
    /// Which answer is best is known at the end, so a stream gives all text then.
    /// <see cref="StopSequences"/> do not end a beam: they cut the chosen answer's text. Each beam takes a cache of
    /// its own for prompt and answer.
    /// </para>
    /// </remarks>
    public int Beams
    {
        get;
        init => field = value >= 1 ? value : throw Invalid(value, "at least 1 (no beam search)");
    } = 1;

    /// <summary>
    /// Makes sampling repeatable: the same seed, prompt and options give the same answer. Unset: a new one each time.
    /// </summary>
    public long? Seed { get; init; }

    /// <summary>
    /// The name of the prompt template that the conversation is written down with (<c>vicuna_v1</c>, …), in place of
    /// the model's own; its system text and the tokens that end an answer come with it. Unset: the model's own
    /// (<see cref="ModelInfo.PromptTemplate"/>), the form it was trained with.
    /// </summary>
    public string? PromptTemplate { get; init; }

    /// <summary>
    /// Texts that end the answer where they appear, across token borders; they are not part of it. None may be empty.
    /// </summary>
    public IReadOnlyList<string> StopSequences
    {
        get;
        init => field = value is not null && value.All(text => !string.IsNullOrEmpty(text))
            ? [.. value]
            : throw new ArgumentException(
                "A stop sequence is empty; each needs at least one character.", nameof(StopSequences));
    } = [];

    private static ArgumentOutOfRangeException Invalid(
        object value, string accepted, [CallerMemberName] string property = "") =>
        new(property, value, string.Create(
            CultureInfo.InvariantCulture, $"{property} is {value}, expected {accepted}."));
}
