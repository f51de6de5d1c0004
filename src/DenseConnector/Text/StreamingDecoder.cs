namespace DenseConnector.Text;

/// <summary>Turns generated ids into text one by one, never giving out half a character.</summary>
/// <remarks>
/// What <see cref="Append"/> and <see cref="Flush"/> return, joined, is what the reference's <c>decode</c> gives for
/// all ids at once. Not thread-safe: one instance per answer.
/// </remarks>
internal abstract class StreamingDecoder
{
    /// <summary>Adds an id and returns the text that is certain now; often empty.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no such id.</exception>
    public abstract string Append(int id);

    /// <summary>
    /// Ends the answer and returns what was held back: U+FFFD for bytes that never became a character, and text whose
    /// spaces depended on what follows.
    /// </summary>
    /// <remarks>The decoder can be used for another answer afterwards.</remarks>
    public abstract string Flush();
}
