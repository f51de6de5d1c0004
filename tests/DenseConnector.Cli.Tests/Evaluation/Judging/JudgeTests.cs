using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Tests.Evaluation.Judging;

[Trait("Suite", "Evaluation")]
public sealed class JudgeTests : IDisposable
{
    private readonly JudgingFolder _folder = new();

    [Fact]
    public async Task AskAsync_FirstIsSlowest_KeepsTheOrderOfTheItems()
    {
        TaskCompletionSource slow = new();
        ScriptedJudge judge = new(async (request, call) =>
        {
            if (call < 2)
            {
                await slow.Task;
            }
            else if (call == 2)
            {
                slow.SetResult();
            }

            return $"about {request.Messages[0].Content}";
        });
        IReadOnlyList<JudgedItem> judged = await _folder.AskAsync(judge, Tasks(8), concurrency: 3);
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"about q{i}"), judged.Select(item => item.Replies[0].Text));
        Assert.Equal(
            Enumerable.Range(0, 8).Select(i => $"i{i}"),
            File.ReadLines(_folder.File).Select(line => Judgement.Read("line", line).Item));
        Assert.Equal(3, judge.MostAtOnce);
    }

    [Fact]
    public async Task AskAsync_JudgeFails_KeepsAllThatCameAndAsksTheRest()
    {
        ScriptedJudge failing = new((_, call) => call == 3
            ? Task.FromException<string>(new HttpRequestException("429 (Too Many Requests)"))
            : Task.FromResult($"{call}"));
        IOException error = await Assert.ThrowsAsync<IOException>(() => _folder.AskAsync(failing, Tasks(6), 2));
        Assert.Contains("item 'i3', try 1 (429 (Too Many Requests))", error.Message, StringComparison.Ordinal);
        Assert.Equal(
            ["i0", "i1", "i2", "i4"], File.ReadLines(_folder.File).Select(line => Judgement.Read("line", line).Item));

        ScriptedJudge working = new((_, _) => Task.FromResult("new"));
        IReadOnlyList<JudgedItem> judged = await _folder.AskAsync(working, Tasks(6), 2);
        Assert.Equal(["0", "1", "2", "new", "4", "new"], judged.Select(item => item.Replies[0].Text));
        Assert.Equal(2, working.Asked.Count);
    }

    [Fact]
    public async Task AskAsync_FailsAtALaterTry_KeepsTheTriesBefore()
    {
        ScriptedJudge judge = new((_, call) => call == 2
            ? Task.FromException<string>(new TimeoutException("too slow"))
            : Task.FromResult("bad"));
        JudgeTask task = JudgeTask.UntilAccepted("i0", Request("q0"), 5, reply => reply == "good");
        IOException error = await Assert.ThrowsAsync<IOException>(() => _folder.AskAsync(judge, [task]));
        Assert.Contains("'i0', try 3 (too slow)", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2], File.ReadLines(_folder.File).Select(line => Judgement.Read("line", line).Try));

        ScriptedJudge working = new("good");
        Assert.Equal(3, Assert.Single(await _folder.AskAsync(working, [task])).Replies.Count);
    }

    [Fact]
    public async Task AskAsync_Cancelled_StopsAndKeepsWhatIsStored()
    {
        using CancellationTokenSource cancellation = new();
        ScriptedJudge judge = new(async (_, call) =>
        {
            if (call == 2)
            {
                await cancellation.CancelAsync();
            }

            return "reply";
        });
        using (JudgementFile file = JudgementFile.Open(_folder.File))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                new Judge(judge, 1).AskAsync(Tasks(6), file, cancellation: cancellation.Token));
        }

        Assert.InRange(File.ReadLines(_folder.File).Count(), 2, 3);
    }

    [Fact]
    public async Task AskAsync_Always_AsksAndTellsOfEachItem()
    {
        ScriptedJudge judge = new((_, _) => Task.FromResult("reply"));
        List<string> told = [];
        using JudgementFile file = JudgementFile.Open(_folder.File);
        await new Judge(judge, 2).AskAsync(Tasks(3), file, item => told.Add(item.Item));
        Assert.Equal(["i0", "i1", "i2"], told);
        Assert.Equal(
            Enumerable.Range(0, 3).Select(i => Request($"q{i}").Hash()), judge.Asked.Select(asked => asked.Hash()));
    }

    [Fact]
    public void Of_WhatAClientIsGiven_IsTheRequestToTheLastDigit()
    {
        JudgeRequest request = new("m", [JudgeMessage.System("be fair"), JudgeMessage.User("é")], 0.2, 7);
        Assert.Equal(request.Hash(), JudgeRequest.Of(request.ToChatMessages(), request.ToChatOptions()).Hash());
    }

    [Fact]
    public void Constructor_NoItemAtOnce_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Judge(new ScriptedJudge(), 0));

    public void Dispose() => _folder.Dispose();

    internal static JudgeRequest Request(string question) =>
        new("judge", [JudgeMessage.User(question), JudgeMessage.System("be fair")], 0.5, 7);

    internal static IEnumerable<JudgeTask> Tasks(int count) =>
        Enumerable.Range(0, count).Select(i => JudgeTask.Once($"i{i}", Request($"q{i}")));
}
