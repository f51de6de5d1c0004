using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;

namespace DenseConnector.Cli.Evaluation.Judging;

/// <summary>Asks a judge about items, several at once, and stores what it replies in the order of the items.</summary>
/// <param name="client">The judge; it is not disposed of.</param>
/// <param name="concurrency">How many items are asked about at once, at least one.</param>
/// <exception cref="ArgumentOutOfRangeException">No item may be asked about.</exception>
internal sealed class Judge(IChatClient client, int concurrency)
{
    private readonly int _concurrency = concurrency > 0
        ? concurrency
        : throw new ArgumentOutOfRangeException(nameof(concurrency), concurrency, "A judge needs at least one item.");

    /// <summary>Asks what the file does not know yet.</summary>
    /// <param name="tasks">The items.</param>
    /// <param name="file">Holds earlier judgements and gets the new ones.</param>
    /// <param name="judged">Gets each item, in order, once its judgements are stored.</param>
    /// <param name="cancellation">Ends the asking; what is stored stays.</param>
    /// <exception cref="IOException">The judge failed, or the file cannot be written.</exception>
    public async Task<IReadOnlyList<JudgedItem>> AskAsync(
        IEnumerable<JudgeTask> tasks,
        JudgementFile file,
        Action<JudgedItem>? judged = null,
        CancellationToken cancellation = default)
    {
        using CancellationTokenSource broken = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Queue<Task<Asked>> running = [];
        List<JudgedItem> all = [];
        try
        {
            foreach (JudgeTask task in tasks)
            {
                if (running.Count == _concurrency)
                {
                    await StoreAsync(await running.Dequeue());
                }

                running.Enqueue(AskAsync(task, file, broken.Token));
            }

            while (running.TryDequeue(out Task<Asked>? asked))
            {
                await StoreAsync(await asked);
            }
        }
        finally
        {
            // Nobody waits for these any more.
            await broken.CancelAsync();
            await Task.WhenAll(running);
        }

        return all;

        async Task StoreAsync(Asked asked)
        {
            asked.New.ForEach(file.Append);
            if (asked.Failure is ExceptionDispatchInfo failure)
            {
                // What came meanwhile about the items behind it is paid for, too.
                await broken.CancelAsync();
                foreach (Asked other in await Task.WhenAll(running))
                {
                    other.New.ForEach(file.Append);
                }

                failure.Throw();
            }

            all.Add(asked.Item);
            judged?.Invoke(asked.Item);
        }
    }

    /// <summary>
    /// Asks about an item as often as its rule wants. A failure is kept, with what was asked before it.
    /// </summary>
    private async Task<Asked> AskAsync(JudgeTask task, JudgementFile file, CancellationToken cancellation)
    {
        List<JudgeReply> replies = [];
        Asked asked = new(new JudgedItem(task.Item, replies), [], Failure: null);
        try
        {
            while (task.Next(replies) is JudgeRequest request)
            {
                cancellation.ThrowIfCancellationRequested();
                int number = replies.Count + 1;
                JudgeReply? reply = file.Find(task.Item, number, request);
                if (reply is null)
                {
                    reply = await AskAsync(request, cancellation);
                    asked.New.Add(new Judgement(task.Item, number, request.ToJson(), reply));
                }

                replies.Add(reply);
            }

            return asked;
        }
        catch (OperationCanceledException e) when (cancellation.IsCancellationRequested)
        {
            return asked with { Failure = ExceptionDispatchInfo.Capture(e) };
        }
        catch (Exception e)
        {
            // What a judge may throw is up to its client: network, quota, time, a reply that is none.
            IOException failure = new(
                $"The judge failed at the item '{task.Item}', try {replies.Count + 1} ({e.Message.TrimEnd('.')}). " +
                $"What was judged before is kept in {file.Path}; run this again to go on there.",
                e);
            return asked with { Failure = ExceptionDispatchInfo.Capture(failure) };
        }
    }

    private async Task<JudgeReply> AskAsync(JudgeRequest request, CancellationToken cancellation)
    {
        ChatResponse response =
            await client.GetResponseAsync(request.ToChatMessages(), request.ToChatOptions(), cancellation);
        return new JudgeReply(response.Text, response.ModelId ?? request.Model);
    }

    private sealed record Asked(JudgedItem Item, List<Judgement> New, ExceptionDispatchInfo? Failure);
}
