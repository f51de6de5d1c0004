using System.Collections.Concurrent;
using DenseConnector.Cli.Evaluation.Judging;
using Microsoft.Extensions.AI;

namespace DenseConnector.Cli.Tests.Evaluation.Judging;

/// <summary>A judge that replies by a function of the request and the number of the call.</summary>
internal sealed class ScriptedJudge(Func<JudgeRequest, int, Task<string>> reply) : IChatClient
{
    private int _calls;
    private int _running;

    public ScriptedJudge(params IReadOnlyList<string> replies)
        : this((_, call) => Task.FromResult(replies[call]))
    {
    }

    /// <summary>What was asked, in the order of the calls.</summary>
    public ConcurrentQueue<JudgeRequest> Asked { get; } = [];

    /// <summary>The most calls there were at once.</summary>
    public int MostAtOnce { get; private set; }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        JudgeRequest request = JudgeRequest.Of(messages, options!);
        Asked.Enqueue(request);
        MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _running));
        try
        {
            string text = await reply(request, Interlocked.Increment(ref _calls) - 1).WaitAsync(cancellationToken);
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, text)) { ModelId = request.Model };
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
