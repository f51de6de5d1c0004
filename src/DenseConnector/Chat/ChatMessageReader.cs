using System.Text;
using DenseConnector.Text;
using Microsoft.Extensions.AI;
using MessageRole = Microsoft.Extensions.AI.ChatRole;
using TurnRole = DenseConnector.Text.ChatRole;

namespace DenseConnector.Chat;

/// <summary>Turns the messages of a chat into the conversation a template writes down.</summary>
/// <remarks>
/// <para>
/// Instructions and system messages, joined by line breaks, take the place of the template's own system text.
/// Neighbours of one role become one turn, joined by a line break. The texts of a message are joined as they are; its
/// pictures come first, each on a line of its own, unless its text says by <c>&lt;image&gt;</c> marks where each of
/// them stands.
/// </para>
/// <para>Thread-safe.</para>
/// </remarks>
/// <param name="images">Reads the pictures.</param>
/// <param name="marks">Puts their marks into the texts.</param>
internal sealed class ChatMessageReader(ChatImageReader images, ImageMarks marks)
{
    /// <summary>Reads a chat's messages.</summary>
    /// <param name="messages">The messages in order.</param>
    /// <param name="instructions">What the model is told first, before any system message.</param>
    /// <param name="cancellationToken">Stops the reading of pictures.</param>
    /// <exception cref="ArgumentException">
    /// The conversation does not begin and end with the user, ends without a question, or has marks without pictures.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// A message holds what the model cannot read, or system text stands where no template can write it.
    /// </exception>
    /// <exception cref="InvalidImageException">A picture cannot be read.</exception>
    public async Task<Conversation> ReadAsync(
        IReadOnlyList<ChatMessage> messages, string? instructions, CancellationToken cancellationToken)
    {
        List<string> system = instructions is null ? [] : [instructions];
        List<ChatTurn> turns = [];
        List<VisualInput> visuals = [];
        for (int i = 0; i < messages.Count; i++)
        {
            ChatMessage message = messages[i]
                ?? throw new ArgumentException($"Message {i + 1} is null.", nameof(messages));
            string place = $"message {i + 1}";
            if (message.Role == MessageRole.User)
            {
                int before = visuals.Count;
                string text = await ReadAsync(message, place, visuals, cancellationToken).ConfigureAwait(false);
                Append(turns, TurnRole.User, PlaceMarks(text, visuals.Count - before, place));
            }
            else if (message.Role == MessageRole.Assistant)
            {
                string text = await ReadAsync(message, place, null, cancellationToken).ConfigureAwait(false);
                Append(turns, TurnRole.Assistant, PlaceMarks(text, 0, place));
            }
            else if (message.Role == MessageRole.System && turns.Count == 0)
            {
                string text = await ReadAsync(message, place, null, cancellationToken).ConfigureAwait(false);
                system.Add(PlaceMarks(text, 0, place));
            }
            else
            {
                throw new NotSupportedException(message.Role == MessageRole.System
                    ? $"Message {i + 1} is a system message after the conversation has begun; prompt templates have " +
                        "a place for system text before it only. Put it first."
                    : $"Message {i + 1} has the role '{message.Role}'; expected system, user or assistant.");
            }
        }

        RequireQuestion(turns);
        return new Conversation(turns, visuals, system.Count == 0 ? null : string.Join('\n', system));
    }

    private static void RequireQuestion(List<ChatTurn> turns)
    {
        if (turns.Count == 0)
        {
            throw new ArgumentException("There is no message of the user to answer.");
        }

        if (turns[0].Role != TurnRole.User || turns[^1].Role != TurnRole.User)
        {
            throw new ArgumentException(
                $"The {(turns[0].Role != TurnRole.User ? "first" : "last")} message is the assistant's; a " +
                "conversation begins and ends with the user's, system messages aside.");
        }

        if (string.IsNullOrWhiteSpace(turns[^1].Text!.Replace(
            PromptEncoder.ImageMark, string.Empty, StringComparison.Ordinal)))
        {
            throw new ArgumentException("The user's last message has no text; say what to ask.");
        }
    }

    private static void Append(List<ChatTurn> turns, TurnRole role, string text)
    {
        if (turns.Count > 0 && turns[^1].Role == role)
        {
            turns[^1] = turns[^1] with { Text = $"{turns[^1].Text}\n{text}" };
        }
        else
        {
            turns.Add(new ChatTurn(role, text));
        }
    }

    private string PlaceMarks(string text, int pictures, string place)
    {
        try
        {
            return marks.Place(text, pictures);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"In {place}: {e.Message}", e);
        }
    }

    /// <summary>The text of a message; its pictures are added to the list, if there is one for them.</summary>
    private async Task<string> ReadAsync(
        ChatMessage message, string place, List<VisualInput>? visuals, CancellationToken cancellationToken)
    {
        StringBuilder text = new();
        int pictures = 0;
        foreach (AIContent content in message.Contents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (content)
            {
                case TextContent part:
                    text.Append(part.Text);
                    break;
                case DataContent part when visuals is not null && part.HasTopLevelMediaType("image"):
                    visuals.Add(images.Read(part, $"picture {++pictures} of {place}"));
                    break;
                case UriContent part when visuals is not null && part.HasTopLevelMediaType("image"):
                    string name = $"picture {++pictures} of {place}";
                    visuals.Add(await images.ReadAsync(part, name, cancellationToken).ConfigureAwait(false));
                    break;

                // What an answer cost is no part of what was said.
                case UsageContent:
                    break;
                default:
                    throw new NotSupportedException(
                        $"The {message.Role} {place} holds {Describe(content)}, which the model cannot read there; " +
                        "it reads TextContent and, of the user, pictures: DataContent or UriContent of media type " +
                        "image/*.");
            }
        }

        return text.ToString();
    }

    private static string Describe(AIContent? content) => content switch
    {
        null => "null",
        DataContent data => $"{nameof(DataContent)} of media type '{data.MediaType}'",
        UriContent uri => $"{nameof(UriContent)} of media type '{uri.MediaType}'",
        _ => content.GetType().Name,
    };
}
