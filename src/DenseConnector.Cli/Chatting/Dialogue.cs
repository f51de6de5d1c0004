using System.Runtime.CompilerServices;
using System.Text;
using DenseConnector.Text;

namespace DenseConnector.Cli.Chatting;

/// <summary>
/// A dialogue with a model: what was said and shown goes before each question, where the model's cache knows it.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="system">What the model is told first; <c>null</c>: what its template says.</param>
/// <param name="options">How answers are made.</param>
internal sealed class Dialogue(DenseConnectorModel model, string? system, GenerationOptions options)
{
    private readonly string? _system = system is null ? null : model.Marks.Place(system, 0);
    private readonly List<ChatTurn> _turns = [];
    private readonly List<VisualInput> _seen = [];
    private readonly List<VisualInput> _next = [];

    /// <summary>Shows a picture with the next question.</summary>
    public void Show(VisualInput picture) => _next.Add(picture);

    /// <summary>Forgets what was said and shown.</summary>
    public void Reset()
    {
        _turns.Clear();
        _seen.Clear();
        _next.Clear();
    }

    /// <summary>Asks the next question.</summary>
    /// <remarks>
    /// An answer that was stopped stays as far as it came. A question without any answer was never asked, and its
    /// pictures go with the next one.
    /// </remarks>
    /// <exception cref="ArgumentException">The question's marks and pictures differ in number.</exception>
    /// <exception cref="ContextLengthException">The dialogue is longer than the model can read.</exception>
    public async IAsyncEnumerable<GenerationUpdate> AskAsync(
        string question, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ChatTurn asked = new(ChatRole.User, model.Marks.Place(question, _next.Count));
        Conversation conversation = new([.. _turns, asked], [.. _seen, .. _next], _system);
        StringBuilder answer = new();
        try
        {
            await foreach (GenerationUpdate update in model.ContinueAsync(conversation, options, cancellation))
            {
                answer.Append(update.Text);
                yield return update;
            }
        }
        finally
        {
            Keep(asked, answer.ToString());
        }
    }

    private void Keep(ChatTurn asked, string answer)
    {
        // A mark that the model wrote is no place for a picture.
        answer = answer.Replace(PromptEncoder.ImageMark, string.Empty, StringComparison.Ordinal);
        if (string.IsNullOrWhiteSpace(answer))
        {
            return;
        }

        _turns.Add(asked);
        _turns.Add(new ChatTurn(ChatRole.Assistant, answer));
        _seen.AddRange(_next);
        _next.Clear();
    }
}
