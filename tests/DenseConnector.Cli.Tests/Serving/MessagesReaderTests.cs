using System.Text.Json;

namespace DenseConnector.Cli.Tests.Serving;

public sealed class MessagesReaderTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    public static TheoryData<string, string> Malformed => new()
    {
        { "[]", "messages" },
        { "[null]", "messages[0].role" },
        { """[{"content":"a"}]""", "messages[0].role" },
        { """[{"role":"tool","content":"a"}]""", "messages[0].role" },
        { """[{"role":"user"}]""", "messages[0].content" },
        { """[{"role":"user","content":5}]""", "messages[0].content" },
        { """[{"role":"user","content":"a","name":"Ann"}]""", "messages[0].name" },
        { """[{"role":"user","content":["a"]}]""", "messages[0].content[0].type" },
        { """[{"role":"user","content":[{"type":"input_audio"}]}]""", "messages[0].content[0].type" },
        { """[{"role":"user","content":[{"type":"text"}]}]""", "messages[0].content[0].text" },
        { """[{"role":"user","content":[{"type":"text","text":"a","x":1}]}]""", "messages[0].content[0].x" },
        { """[{"role":"user","content":[{"type":"image_url"}]}]""", "messages[0].content[0].image_url.url" },
        {
            """[{"role":"user","content":[{"type":"image_url","image_url":{"url":"a","detail":"more"}}]}]""",
            "messages[0].content[0].image_url.detail"
        },
        {
            """[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,!"}}]}]""",
            "messages[0].content[0].image_url.url"
        },
        {
            """[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:text/plain;base64,QQ=="}}]}]""",
            "messages[0].content[0].image_url.url"
        },
        {
            """[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png,QQ=="}}]}]""",
            "messages[0].content[0].image_url.url"
        },
        {
            """[{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}]}]""",
            "messages[0].content[0].image_url.url"
        },
        {
            """[{"role":"system","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QQ=="}}]}]""",
            "messages[0].content[0]"
        },
        { """[{"role":"assistant","content":"a"}]""", "messages" },
        { """[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]""", "messages" },
        { """[{"role":"user","content":"<image> a"}]""", "messages" },
        { """[{"role":"user","content":"  "}]""", "messages" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Read_Malformed_NamesThePlace(string messages, string place)
    {
        JsonElement error = (await _server.PostAsync(
            TestServer.Ask(("messages", JsonElement.Parse(messages))), 400)).GetProperty("error");

        Assert.Equal(place, error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task Read_KnownDetail_IsAccepted()
    {
        object picture = new { type = "image_url", image_url = new { url = TestServer.Picture, detail = "high" } };
        object text = new { type = "text", text = ToolRun.Question };

        Assert.Equal(ToolRun.Answer, await _server.AnswerAsync(TestServer.Ask(
            ("messages", new[] { new { role = "user", content = new[] { picture, text } } }))));
    }

    [Fact]
    public async Task Read_BytesThatAreNoPicture_CannotBeProcessed() =>
        await _server.RefusedAsync(
            TestServer.Ask(("messages", new[] { TestServer.Question("data:image/png;base64,QUFBQQ==") })),
            422,
            "messages",
            "invalid_image");
}
