namespace DenseConnector;

/// <summary>A question and what to look at.</summary>
/// <remarks>
/// The text may say where each picture stands by <c>&lt;image&gt;</c> marks, one for each. Without marks the pictures
/// come first, each on a line of its own, as the official evaluation scripts put them.
/// </remarks>
/// <param name="Text">The question.</param>
/// <param name="Visuals">The pictures, in the order of their marks.</param>
public sealed record Prompt(string Text, params IReadOnlyList<VisualInput> Visuals)
{
    /// <summary>A question without pictures.</summary>
    public static implicit operator Prompt(string text) => FromString(text);

    /// <summary>A question without pictures.</summary>
    public static Prompt FromString(string text) => new(text);
}
