namespace DenseConnector.Text;

/// <summary>A conversation the model is to continue.</summary>
/// <param name="Turns">
/// The messages in order: the user's first, then in turn, the user's last; marks stand in the texts.
/// </param>
/// <param name="Visuals">What fills the marks, in their order.</param>
/// <param name="System">What the model is told first; <c>null</c>: what its template says.</param>
internal sealed record Conversation(
    IReadOnlyList<ChatTurn> Turns, IReadOnlyList<VisualInput> Visuals, string? System = null);
