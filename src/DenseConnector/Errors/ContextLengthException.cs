namespace DenseConnector;

/// <summary>A prompt, its visual tokens included, is longer than the model can read.</summary>
public sealed class ContextLengthException : DenseConnectorException
{
    /// <summary>Creates the error.</summary>
    /// <param name="promptTokens">Length of the whole prompt, in tokens.</param>
    /// <param name="visualTokens">How many of them come from pictures.</param>
    /// <param name="limit">The most tokens a prompt may have.</param>
    public ContextLengthException(int promptTokens, int visualTokens, int limit)
        : base(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"The prompt has {promptTokens:N0} tokens ({visualTokens:N0} of them visual); the model reads " +
            $"{limit:N0}. Use fewer images or a shorter text, or see ModelOptions.LongPrompts."))
    {
        PromptTokens = promptTokens;
        VisualTokens = visualTokens;
        Limit = limit;
    }

    /// <summary>Length of the whole prompt, in tokens.</summary>
    public int PromptTokens { get; }

    /// <summary>How many of the prompt's tokens come from pictures.</summary>
    public int VisualTokens { get; }

    /// <summary>The most tokens a prompt may have.</summary>
    public int Limit { get; }
}
