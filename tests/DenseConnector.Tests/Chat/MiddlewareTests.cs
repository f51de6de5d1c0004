using System.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DenseConnector.Tests.Chat;

/// <summary>The chat client under the platform's own middleware.</summary>
public sealed class MiddlewareTests(TinyModelFixture tiny) : IClassFixture<TinyModelFixture>
{
    private const string Source = "DenseConnector.Tests.Middleware";

    [Fact]
    public async Task UseLogging_Trace_TellsQuestionAndAnswer()
    {
        LogLines lines = new();
        using ILoggerFactory factory = LoggerFactory.Create(
            logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(lines));
        using IChatClient client = Build(builder => builder.UseLogging(factory));

        await AnswersAsync(client);

        Assert.Contains(lines.All, line => line.Contains(TinyModelFixture.Question, StringComparison.Ordinal));
        Assert.Contains(lines.All, line => line.Contains(TinyModelFixture.Answer, StringComparison.Ordinal));
    }

    [Fact]
    public async Task UseDistributedCache_SameQuestion_IsAnsweredOnce()
    {
        MemoryDistributedCache cache = new(Options.Create(new MemoryDistributedCacheOptions()));
        int asked = 0;
        using IChatClient client = Build(builder => builder.UseDistributedCache(cache).Use(Count));

        ChatResponse first = await client.GetResponseAsync(Question());
        ChatResponse second = await client.GetResponseAsync(Question());
        List<ChatResponseUpdate> streamed = await client.GetStreamingResponseAsync(Question()).ToListAsync();
        List<ChatResponseUpdate> again = await client.GetStreamingResponseAsync(Question()).ToListAsync();

        Assert.Equal(2, asked);
        Assert.Equal(TinyModelFixture.Answer, second.Text);
        Assert.Equal(first.ResponseId, second.ResponseId);
        Assert.Equal(first.Usage!.TotalTokenCount, second.Usage!.TotalTokenCount);
        Assert.Equal(string.Concat(streamed), string.Concat(again));
        Assert.Equal(121, again.ToChatResponse().Usage!.TotalTokenCount);

        async Task Count(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options,
            Func<IEnumerable<ChatMessage>, ChatOptions?, CancellationToken, Task> next,
            CancellationToken cancellation)
        {
            asked++;
            await next(messages, options, cancellation);
        }
    }

    [Fact]
    public async Task UseOpenTelemetry_Answer_IsASpanOfTheConventions()
    {
        List<Activity> ended = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using IChatClient client = Build(builder => builder.UseOpenTelemetry(sourceName: Source));

        await AnswersAsync(client);

        Assert.Equal(2, ended.Count);
        Assert.All(ended, span =>
        {
            Assert.Equal("chat dense-connector-tiny", span.DisplayName);
            Assert.Equal("denseconnector", span.GetTagItem("gen_ai.provider.name"));
            Assert.Equal("dense-connector-tiny", span.GetTagItem("gen_ai.response.model"));
            Assert.Equal(109, Convert.ToInt32(span.GetTagItem("gen_ai.usage.input_tokens"), null));
            Assert.Equal(12, Convert.ToInt32(span.GetTagItem("gen_ai.usage.output_tokens"), null));
        });
    }

    [Fact]
    public async Task UseFunctionInvocation_NoTools_PassesThrough()
    {
        using IChatClient client = Build(builder => builder.UseFunctionInvocation());
        await AnswersAsync(client);
    }

    [Fact]
    public async Task UseFunctionInvocation_Tools_AreRefusedRatherThanIgnored()
    {
        using IChatClient client = Build(builder => builder.UseFunctionInvocation());
        ChatOptions options = new() { Tools = [AIFunctionFactory.Create(() => "noon", "clock")] };

        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync(Question(), options));
    }

    [Fact]
    public async Task AllTogether_Answer_IsTheModels()
    {
        MemoryDistributedCache cache = new(Options.Create(new MemoryDistributedCacheOptions()));
        using ILoggerFactory factory = LoggerFactory.Create(_ => { });
        using IChatClient client = Build(builder => builder
            .UseLogging(factory)
            .UseOpenTelemetry(sourceName: Source + ".All")
            .UseDistributedCache(cache)
            .UseFunctionInvocation());

        await AnswersAsync(client);
        Assert.Same(tiny.Model, client.GetService<DenseConnectorModel>());
    }

    private static ChatMessage[] Question()
    {
        byte[] picture = File.ReadAllBytes(Path.Combine(TestData.Fixtures, "tiny-eval", "images", "ex_001.png"));
        return
        [
            new(ChatRole.User, [new DataContent(picture, "image/png"), new TextContent(TinyModelFixture.Question)]),
        ];
    }

    private static async Task AnswersAsync(IChatClient client)
    {
        Assert.Equal(TinyModelFixture.Answer, (await client.GetResponseAsync(Question())).Text);
        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync(Question()).ToListAsync();
        Assert.Equal(TinyModelFixture.Answer, string.Concat(updates));
        Assert.Equal(ChatFinishReason.Stop, updates.ToChatResponse().FinishReason);
    }

    private IChatClient Build(Func<ChatClientBuilder, ChatClientBuilder> configure) =>
        configure(tiny.Model.AsIChatClient().AsBuilder()).Build();
}
