using System.Text;
using DenseConnector.Cli.Serving.Contracts;

namespace DenseConnector.Cli.Serving;

/// <summary>Puts the pieces of the answers to one request into OpenAI's form, and counts their tokens.</summary>
/// <param name="model">The name of the model.</param>
/// <param name="answers">How many answers there are.</param>
internal sealed class CompletionForm(string model, int answers)
{
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    private readonly StringBuilder[] _texts = [.. Enumerable.Range(0, answers).Select(_ => new StringBuilder())];
    private readonly string[] _reasons = new string[answers];
    private readonly bool[] _begun = new bool[answers];
    private int _promptTokens;
    private int _cachedTokens;
    private int _generatedTokens;

    /// <summary>What the response is called.</summary>
    public string Id { get; } = $"chatcmpl-{Guid.NewGuid():N}";

    /// <summary>The token counts of what was taken in; whole once all answers are.</summary>
    public CompletionUsage Usage => new(
        _promptTokens,
        _generatedTokens,
        _promptTokens + _generatedTokens,
        new PromptTokensDetails(_cachedTokens));

    /// <summary>The response of all that was taken in.</summary>
    public ChatCompletion Whole => new(
        Id,
        "chat.completion",
        _created,
        model,
        [.. _texts.Select((text, i) => new ChatChoice(i, new AnswerMessage(text.ToString()), _reasons[i]))],
        Usage);

    /// <summary>The event that counts the tokens.</summary>
    public ChatChunk UsageChunk => Chunk([]) with { Usage = Usage };

    /// <summary>Takes a piece in for <see cref="Whole"/>.</summary>
    public void Add(AnswerPiece piece)
    {
        _texts[piece.Index].Append(piece.Update.Text);
        Count(piece);
    }

    /// <summary>
    /// A piece as events: an answer's first one says who speaks, its last one why it ended, in an event of its own.
    /// </summary>
    public IEnumerable<ChatChunk> Describe(AnswerPiece piece)
    {
        (int index, GenerationUpdate update) = piece;
        Count(piece);
        if (!_begun[index] || update.Text.Length > 0)
        {
            string? role = _begun[index] ? null : "assistant";
            _begun[index] = true;
            yield return Chunk([new ChunkChoice(index, new ChunkDelta { Role = role, Content = update.Text }, null)]);
        }

        if (update.FinishReason is not null)
        {
            yield return Chunk([new ChunkChoice(index, new ChunkDelta(), _reasons[index])]);
        }
    }

    private ChatChunk Chunk(IReadOnlyList<ChunkChoice> choices) =>
        new(Id, "chat.completion.chunk", _created, model, choices);

    private void Count(AnswerPiece piece)
    {
        if (piece.Update is { FinishReason: FinishReason reason, Usage: TokenUsage usage })
        {
            _reasons[piece.Index] = reason == FinishReason.Length ? "length" : "stop";
            // The prompt counts once: what had to be read for any of the answers was read.
            _cachedTokens = _promptTokens == 0 ? usage.CachedTokens : Math.Min(_cachedTokens, usage.CachedTokens);
            _promptTokens = usage.PromptTokens;
            _generatedTokens += usage.GeneratedTokens;
        }
    }
}
