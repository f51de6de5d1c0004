using Microsoft.Extensions.AI;

namespace DenseConnector.Cli.Serving;

/// <summary>A request that was read and found to be within the limits.</summary>
/// <param name="Messages">The dialogue, the question last.</param>
/// <param name="Options">How each answer is made.</param>
/// <param name="Answers">How many answers are made.</param>
/// <param name="Stream">Whether they come piece by piece.</param>
/// <param name="IncludeUsage">Whether the stream's last event counts the tokens.</param>
internal sealed record ChatQuestion(
    IReadOnlyList<ChatMessage> Messages, GenerationOptions Options, int Answers, bool Stream, bool IncludeUsage);
