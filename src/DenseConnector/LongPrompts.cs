namespace DenseConnector;

/// <summary>
/// What happens to a prompt that is longer than the checkpoint says it may be (<c>tokenizer_model_max_length</c>,
/// visual tokens included; 2,048 in the published checkpoints).
/// </summary>
public enum LongPrompts
{
    /// <summary>It is refused with <see cref="ContextLengthException"/>.</summary>
    Refuse,

    /// <summary>
    /// Its end is cut off, as the official code does without a word: eight pooled video frames then swallow the
    /// question. For reproducing published numbers.
    /// </summary>
    Cut,

    /// <summary>It is read whole, up to the positions the language model was made for.</summary>
    Allow,
}
