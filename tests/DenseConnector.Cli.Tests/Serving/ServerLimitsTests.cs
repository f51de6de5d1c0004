using System.Net.Sockets;
using System.Text;
using DenseConnector.Cli.Serving;

namespace DenseConnector.Cli.Tests.Serving;

public sealed class ServerLimitsTests
{
    [Fact]
    public async Task Body_LargerThanAllowed_IsRefused()
    {
        await using TestServer server = await StartAsync(limits => limits with { MaxBodyBytes = 1000 });

        await server.RefusedAsync(TestServer.Ask(), 413, null, "request_too_large");
    }

    [Fact]
    public async Task Body_ThatDoesNotArrive_IsNotWaitedFor()
    {
        await using TestServer server = await StartAsync(
            limits => limits with { BodyTime = TimeSpan.FromMilliseconds(20) });
        Uri address = new(server.Address);
        using TcpClient client = new();
        await client.ConnectAsync(address.Host, address.Port);
        using StreamReader reader = new(client.GetStream());
        await client.Client.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: {address.Authority}\r\n" +
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"));

        StringBuilder answer = new();
        for (int one; !answer.ToString().EndsWith("}}", StringComparison.Ordinal) && (one = reader.Read()) >= 0;)
        {
            answer.Append((char)one);
        }

        Assert.StartsWith("HTTP/1.1 408 ", answer.ToString(), StringComparison.Ordinal);
        Assert.Contains("\"body_timeout\"", answer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pictures_MoreThanAllowed_AreRefused()
    {
        await using TestServer server = await StartAsync(limits => limits with { MaxImages = 2 });
        string[] pictures = [TestServer.Picture, TestServer.Picture, TestServer.Picture];

        await server.RefusedAsync(
            TestServer.Ask(("messages", new[] { TestServer.Question(pictures) })), 400, "messages", "too_many_images");
        await server.PostAsync(TestServer.Ask(("messages", new[] { TestServer.Question(pictures[..2]) })), 200);
    }

    [Fact]
    public async Task Picture_OfMorePixelsThanAllowed_IsRefused()
    {
        await using TestServer server = await StartAsync(limits => limits with { MaxPixels = 100 });

        await server.RefusedAsync(TestServer.Ask(), 422, "messages", "invalid_image");
    }

    [Fact]
    public async Task Answers_MoreThanAllowed_AreRefused()
    {
        await using TestServer server = await StartAsync(limits => limits with { MaxAnswers = 1 });

        await server.RefusedAsync(TestServer.Ask(("n", 2)), 400, "n", "invalid_value");
    }

    [Fact]
    public async Task Tokens_MoreThanAllowed_AreRefused()
    {
        await using TestServer server = await StartAsync(limits => limits with { MaxNewTokens = 3 });

        await server.RefusedAsync(TestServer.Ask(("max_tokens", 4)), 400, "max_tokens", "invalid_value");
        Assert.Equal("There are two", await server.AnswerAsync(TestServer.Ask()));
    }

    [Fact]
    public async Task Text_LongerThanAllowed_IsRefused()
    {
        await using TestServer server = await StartAsync(limits => limits with { MaxTextCharacters = 10 });

        string message = await server.RefusedAsync(TestServer.Ask(), 400, "messages", "context_length_exceeded");

        Assert.Contains("characters", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompt_LongerThanTheModelReads_IsRefused()
    {
        await using TestServer server = await StartAsync(limits => limits);
        object[] messages = [new { role = "user", content = string.Concat(Enumerable.Repeat("word ", 2000)) }];

        string message = await server.RefusedAsync(
            TestServer.Ask(("messages", messages)), 400, "messages", "context_length_exceeded");

        Assert.Contains("tokens", message, StringComparison.Ordinal);
    }

    private static Task<TestServer> StartAsync(Func<ServerLimits, ServerLimits> change) =>
        TestServer.StartAsync(settings => settings with { Limits = change(settings.Limits) });
}
