using System.Collections.Concurrent;
using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Tests.Evaluation.Judging;

/// <summary>A judge that replies by a function of the request and the number of the call.</summary>
internal sealed class ScriptedJudge(Func<JudgeRequest, int, Task<string>> reply)
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

    public async Task<JudgeReply> AskAsync(JudgeRequest request, CancellationToken cancellation)
    {
        Asked.Enqueue(request);
        MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _running));
        try
        {
            string text = await reply(request, Interlocked.Increment(ref _calls) - 1).WaitAsync(cancellation);
            return new JudgeReply(text, request.Model);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
