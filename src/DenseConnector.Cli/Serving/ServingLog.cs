using Microsoft.Extensions.Logging;

namespace DenseConnector.Cli.Serving;

/// <summary>What the server writes to its log; never a question, a picture or an answer.</summary>
internal static partial class ServingLog
{
    [LoggerMessage(
        1,
        LogLevel.Information,
        "Answered {Id}: {PromptTokens} tokens read ({CachedTokens} known), {CompletionTokens} made, {Seconds:0.00} s.")]
    public static partial void Answered(
        ILogger logger, string id, int promptTokens, int cachedTokens, int completionTokens, double seconds);

    [LoggerMessage(2, LogLevel.Error, "A request failed.")]
    public static partial void Failed(ILogger logger, Exception error);

    [LoggerMessage(
        3,
        LogLevel.Warning,
        "Other machines reach this server and it asks for no key: everybody there can use it. Set --api-key or " +
        "{Variable}.")]
    public static partial void NoKey(ILogger logger, string variable);
}
