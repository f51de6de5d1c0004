using System.Net;
using DenseConnector.Cli.Serving;

namespace DenseConnector.Cli.Tests.Serving;

public sealed class RequestQueueTests
{
    [Fact]
    public async Task Enter_WhenFull_IsRefusedUntilAPlaceIsFree()
    {
        using RequestQueue queue = new(turns: 1, waiting: 1);
        using RequestQueue.Place first = queue.Enter();
        await first.WaitAsync(default);
        RequestQueue.Place second = queue.Enter();

        ApiException refused = Assert.Throws<ApiException>(queue.Enter);
        second.Dispose();
        using RequestQueue.Place third = queue.Enter();

        Assert.Equal(429, refused.Status);
        Assert.InRange(refused.RetryAfter!.Value.TotalSeconds, 1, 60);
    }

    [Fact]
    public async Task Wait_ForATurn_IsInOrder()
    {
        using RequestQueue queue = new(turns: 1, waiting: 2);
        RequestQueue.Place first = queue.Enter();
        await first.WaitAsync(default);
        RequestQueue.Place second = queue.Enter();
        RequestQueue.Place third = queue.Enter();
        Task secondTurn = second.WaitAsync(default);
        Task thirdTurn = third.WaitAsync(default);
        Assert.Equal((1, 2), (queue.Running, queue.Waiting));

        first.Dispose();
        await secondTurn;
        Assert.False(thirdTurn.IsCompleted);
        Assert.Equal((1, 1), (queue.Running, queue.Waiting));
        second.Dispose();
        await thirdTurn;
        third.Dispose();
        Assert.Equal((0, 0), (queue.Running, queue.Waiting));
    }

    [Fact]
    public async Task Dispose_WhileWaiting_LeavesTheTurnToOthers()
    {
        using RequestQueue queue = new(turns: 1, waiting: 2);
        RequestQueue.Place first = queue.Enter();
        await first.WaitAsync(default);
        using CancellationTokenSource gone = new();
        RequestQueue.Place second = queue.Enter();
        Task secondTurn = second.WaitAsync(gone.Token);
        using RequestQueue.Place third = queue.Enter();
        Task thirdTurn = third.WaitAsync(default);

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => secondTurn);
        second.Dispose();
        second.Dispose();
        first.Dispose();

        await thirdTurn;
        Assert.Equal((1, 0), (queue.Running, queue.Waiting));
    }

    [Fact]
    public async Task Close_WithRequestsInside_CompletesWithTheLast()
    {
        using RequestQueue queue = new(turns: 1, waiting: 1);
        RequestQueue.Place place = queue.Enter();

        Task empty = queue.CloseAsync();

        Assert.False(empty.IsCompleted);
        Assert.Equal(503, Assert.Throws<ApiException>(queue.Enter).Status);
        place.Dispose();
        await empty;
    }

    [Fact]
    public async Task Close_WithNobodyInside_CompletesAtOnce()
    {
        using RequestQueue queue = new(turns: 1, waiting: 1);

        await queue.CloseAsync();

        Assert.True(queue.IsClosed);
    }

    [Fact]
    public async Task Request_WhenTheServerIsFull_IsToldWhenToTryAgain()
    {
        await using TestServer server = await TestServer.StartAsync(settings => settings with
        {
            ModelOptions = new ModelOptions { MaxConcurrency = 1 },
            Limits = settings.Limits with { MaxWaiting = 1 },
        });
        RequestQueue queue = server.Get<RequestQueue>();
        RequestQueue.Place first = queue.Enter();
        using RequestQueue.Place second = queue.Enter();

        using (HttpResponseMessage refused = await server.PostAsync(TestServer.Ask()))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            string body = await refused.Content.ReadAsStringAsync();
            Assert.Contains("\"code\":\"queue_full\"", body, StringComparison.Ordinal);
            Assert.Contains("\"type\":\"rate_limit_error\"", body, StringComparison.Ordinal);
        }

        first.Dispose();
        Assert.Equal(ToolRun.Answer, await server.AnswerAsync(TestServer.Ask()));
    }

    [Fact]
    public async Task Requests_MoreThanTurns_AreAllAnswered()
    {
        await using TestServer server = await TestServer.StartAsync(settings => settings with
        {
            ModelOptions = new ModelOptions { MaxConcurrency = 2 },
        });

        string?[] answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => server.AnswerAsync(TestServer.Ask())));

        Assert.All(answers, answer => Assert.Equal(ToolRun.Answer, answer));
    }
}
