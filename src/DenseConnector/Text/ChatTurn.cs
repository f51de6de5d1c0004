namespace DenseConnector.Text;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who says it.</param>
/// <param name="Text">What is said; <c>null</c> or empty for a turn that is still open, the usual last one.</param>
/// <param name="HasImageBeside">
/// Whether a picture comes with the text instead of standing in it: the reference's tuple messages. In the first
/// message the template then puts the <c>&lt;image&gt;</c> mark itself, and drops those of the text.
/// </param>
internal sealed record ChatTurn(ChatRole Role, string? Text, bool HasImageBeside = false);

/// <summary>Who says a message.</summary>
internal enum ChatRole
{
    /// <summary>The one who asks.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,
}
