using System.Net;
using System.Text;

namespace DenseConnector.Cli.Tests.Serving;

public sealed class ChatRequestReaderTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static readonly string[] Audio = ["audio"];

    private readonly TestServer _server = shared.Server;

    public static TheoryData<string, object> OutOfRange => new()
    {
        { "temperature", 2.5 }, { "temperature", -1 }, { "top_p", 0 }, { "top_p", 1.5 }, { "n", 0 }, { "n", 5 },
        { "max_tokens", 0 }, { "max_completion_tokens", 4097 }, { "frequency_penalty", 2.5 },
        { "presence_penalty", -3 },
    };

    public static TheoryData<string, object> Unsupported => new()
    {
        { "logprobs", true }, { "top_logprobs", 2 }, { "logit_bias", new Dictionary<string, int> { ["1"] = 5 } },
        { "response_format", new { type = "json_object" } }, { "tools", new[] { new { type = "function" } } },
        { "functions", new[] { new { name = "clock" } } }, { "tool_choice", "required" }, { "function_call", "clock" },
        { "parallel_tool_calls", "x" }, { "store", true }, { "metadata", new { a = "b" } },
        { "service_tier", "priority" }, { "modalities", Audio }, { "reasoning_effort", "high" },
        { "verbosity", "low" }, { "user", 1 },
    };

    public static TheoryData<string, object> WrongType => new()
    {
        { "temperature", "warm" }, { "n", 1.5 }, { "stream", "yes" }, { "seed", "x" }, { "max_tokens", long.MaxValue },
        { "prompt_template", 1 },
    };

    public static TheoryData<object> MalformedStops =>
        ["", 5, new[] { "a", "b", "c", "d", "e" }, new[] { "a", "" }, new object[] { "a", 5 }];

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public async Task Read_ValueOutOfRange_NamesTheParameter(string name, object value) =>
        Assert.Contains(
            $"'{name}' is ",
            await _server.RefusedAsync(TestServer.Ask((name, value)), 400, name, "invalid_value"),
            StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Unsupported))]
    public async Task Read_WhatCannotBeHonoured_NamesTheParameter(string name, object value) =>
        await _server.RefusedAsync(TestServer.Ask((name, value)), 400, name, "unsupported_parameter");

    [Theory]
    [MemberData(nameof(WrongType))]
    public async Task Read_WrongType_NamesTheParameter(string name, object value) =>
        await _server.RefusedAsync(TestServer.Ask((name, value)), 400, name, "invalid_json");

    [Fact]
    public async Task Read_UnknownField_NamesIt() =>
        await _server.RefusedAsync(TestServer.Ask(("top_k", 5)), 400, "top_k", "unknown_parameter");

    [Fact]
    public async Task Read_UnknownTemplate_ListsThem() =>
        Assert.StartsWith(
            "'prompt_template' is 'nope', expected one of chatml_direct, default, ",
            await _server.RefusedAsync(
                TestServer.Ask(("prompt_template", "nope")), 400, "prompt_template", "invalid_value"),
            StringComparison.Ordinal);

    [Fact]
    public async Task Read_StreamOptionsWithoutStream_NamesThem() =>
        await _server.RefusedAsync(
            TestServer.Ask(("stream_options", new { include_usage = true })), 400, "stream_options", null);

    [Fact]
    public async Task Read_UnknownStreamOption_NamesIt() =>
        await _server.RefusedAsync(
            TestServer.Ask(("stream", true), ("stream_options", new { include_obfuscation = true })),
            400,
            "stream_options.include_obfuscation",
            "unsupported_parameter");

    [Fact]
    public async Task Read_TwoLimitsThatDiffer_NamesTheOlder() =>
        await _server.RefusedAsync(
            TestServer.Ask(("max_tokens", 5), ("max_completion_tokens", 6)), 400, "max_tokens", null);

    [Theory]
    [MemberData(nameof(MalformedStops))]
    public async Task Read_MalformedStops_NamesThem(object stop) =>
        await _server.RefusedAsync(TestServer.Ask(("stop", stop)), 400, "stop", null);

    [Fact]
    public async Task Read_NoModel_NamesIt() =>
        await _server.RefusedAsync(TestServer.Ask(("model", null)), 400, "model", null);

    [Fact]
    public async Task Read_OtherModel_IsNotFound() =>
        await _server.RefusedAsync(TestServer.Ask(("model", "gpt-4o")), 404, "model", "model_not_found");

    [Theory]
    [InlineData("{\"model\":", "model")]
    [InlineData("[]", null)]
    [InlineData("{\"model\":\"a\",\"model\":\"b\"}", "model")]
    public async Task Read_MalformedBody_IsRefused(string body, string? parameter)
    {
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _server.Http.PostAsync("/v1/chat/completions", content);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        string text = await response.Content.ReadAsStringAsync();
        Assert.Contains("\"code\":\"invalid_json\"", text, StringComparison.Ordinal);
        Assert.Contains(
            $"\"param\":{(parameter is null ? "null" : $"\"{parameter}\"")}", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_Null_IsRefused()
    {
        using StringContent content = new("null", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _server.Http.PostAsync("/v1/chat/completions", content);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Read_OtherContentType_IsRefused()
    {
        using StringContent content = new("{}", Encoding.UTF8, "text/plain");
        using HttpResponseMessage response = await _server.Http.PostAsync("/v1/chat/completions", content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }
}
