using DenseConnector.Chat;
using DenseConnector.Text;
using Microsoft.Extensions.AI;
using MessageRole = Microsoft.Extensions.AI.ChatRole;
using TurnRole = DenseConnector.Text.ChatRole;

namespace DenseConnector.Tests.Chat;

public sealed class ChatMessageReaderTests
{
    [Fact]
    public async Task ReadAsync_Dialogue_GivesItsTurns()
    {
        Conversation read = await ReadAsync(
            new(MessageRole.User, "What is this?"),
            new(MessageRole.Assistant, "A star."),
            new(MessageRole.User, "Is it red?"));

        Assert.Equal(
            [
                new ChatTurn(TurnRole.User, "What is this?"),
                new ChatTurn(TurnRole.Assistant, "A star."),
                new ChatTurn(TurnRole.User, "Is it red?"),
            ],
            read.Turns);
        Assert.Empty(read.Visuals);
        Assert.Null(read.System);
    }

    [Fact]
    public async Task ReadAsync_PicturesInSeveralMessages_StandBeforeTheTextOfTheirOwn()
    {
        Conversation read = await ReadAsync(
            User(new TextContent("Compare "), Red.Content, new TextContent("these."), Green.Content),
            new(MessageRole.Assistant, "They differ."),
            User(Blue.Content, new TextContent("And this?")));

        Assert.Equal(
            ["<image>\n<image>\nCompare these.", "They differ.", "<image>\nAnd this?"],
            read.Turns.Select(turn => turn.Text));
        Assert.Equal([Red.Image, Green.Image, Blue.Image], read.Visuals);
    }

    [Fact]
    public async Task ReadAsync_TextWithAMarkForEachPicture_KeepsTheirPlaces()
    {
        Conversation read = await ReadAsync(User(
            Red.Content, new TextContent("First <image>, then <image>."), Green.Content));

        Assert.Equal("First <image>, then <image>.", read.Turns[0].Text);
        Assert.Equal([Red.Image, Green.Image], read.Visuals);
    }

    [Fact]
    public async Task ReadAsync_ModelWithImageTokens_PutsThemAroundTheMark()
    {
        ChatMessageReader reader = new(new ChatImageReader(new()), new ImageMarks(tagged: true));

        Conversation read = await reader.ReadAsync([User(Red.Content, new TextContent("What?"))], null, default);

        Assert.Equal("<im_start><image><im_end>\nWhat?", read.Turns[0].Text);
    }

    [Fact]
    public async Task ReadAsync_DataUri_IsDecoded()
    {
        string uri = "data:image/png;base64," + Convert.ToBase64String(Red.Content.Data.Span);

        Conversation read = await ReadAsync(User(new DataContent(uri), new TextContent("What?")));

        Assert.Equal([Red.Image], read.Visuals);
    }

    [Fact]
    public async Task ReadAsync_NeighboursOfOneRole_BecomeOneTurn()
    {
        Conversation read = await ReadAsync(
            User(Red.Content),
            new(MessageRole.User, "What is this?"),
            new(MessageRole.Assistant, "Red."),
            new(MessageRole.Assistant, "All of it."),
            new(MessageRole.User, "Sure?"));

        Assert.Equal(
            ["<image>\n\nWhat is this?", "Red.\nAll of it.", "Sure?"], read.Turns.Select(turn => turn.Text));
    }

    [Fact]
    public async Task ReadAsync_SystemMessages_FollowTheInstructions()
    {
        ChatMessage[] messages =
        [
            new(MessageRole.System, "Be brief."),
            new(MessageRole.System, "Be kind."),
            new(MessageRole.User, "Hello"),
        ];

        Conversation with = await Reader().ReadAsync(messages, "Answer in French.", default);
        Conversation without = await Reader().ReadAsync(messages, null, default);

        Assert.Equal("Answer in French.\nBe brief.\nBe kind.", with.System);
        Assert.Equal("Be brief.\nBe kind.", without.System);
    }

    [Fact]
    public async Task ReadAsync_EmptySystemMessage_TakesThePlaceOfTheTemplatesText() =>
        Assert.Equal(
            string.Empty,
            (await ReadAsync(new(MessageRole.System, string.Empty), new(MessageRole.User, "Hello"))).System);

    [Fact]
    public async Task ReadAsync_SystemMessageLater_IsRefused() =>
        await RefusedAsync<NotSupportedException>(
            "Message 2 is a system message after the conversation has begun",
            new(MessageRole.User, "Hello"),
            new(MessageRole.System, "Be brief."));

    [Fact]
    public async Task ReadAsync_UsageInTheHistory_IsPassedOver()
    {
        Conversation read = await ReadAsync(
            new(MessageRole.User, "One"),
            new(MessageRole.Assistant, [new TextContent("Two"), new UsageContent(new UsageDetails())]),
            new(MessageRole.User, "Three"));

        Assert.Equal("Two", read.Turns[1].Text);
    }

    public static TheoryData<AIContent, string> Unreadable => new()
    {
        { new DataContent(new byte[] { 1 }, "audio/wav"), "DataContent of media type 'audio/wav'" },
        { new UriContent("https://example.org/a.mp3", "audio/mp3"), "UriContent of media type 'audio/mp3'" },
        { new FunctionCallContent("1", "clock"), "FunctionCallContent" },
        { new FunctionResultContent("1", "noon"), "FunctionResultContent" },
        { new TextReasoningContent("Hm"), "TextReasoningContent" },
        { new ErrorContent("Oh"), "ErrorContent" },
        { new HostedFileContent("file-1"), "HostedFileContent" },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task ReadAsync_ContentTheModelCannotRead_IsNamed(AIContent content, string shown) =>
        await RefusedAsync<NotSupportedException>(
            $"The user message 1 holds {shown}, which the model cannot read there",
            User(new TextContent("What?"), content));

    [Theory]
    [InlineData("assistant")]
    [InlineData("system")]
    public async Task ReadAsync_PictureOfAnotherRole_IsRefused(string role) =>
        await RefusedAsync<NotSupportedException>(
            $"The {role} message 1 holds DataContent of media type 'image/png'",
            new(new MessageRole(role), [Red.Content]),
            new(MessageRole.User, "What?"));

    [Theory]
    [InlineData("tool")]
    [InlineData("critic")]
    public async Task ReadAsync_OtherRole_IsNamed(string role) =>
        await RefusedAsync<NotSupportedException>(
            $"Message 2 has the role '{role}'; expected system, user or assistant.",
            new(MessageRole.User, "What?"),
            new(new MessageRole(role), "Hm"));

    [Fact]
    public async Task ReadAsync_NoMessage_IsRefused() =>
        await RefusedAsync<ArgumentException>("There is no message of the user to answer.");

    [Fact]
    public async Task ReadAsync_NullMessage_IsNamed() =>
        await RefusedAsync<ArgumentException>("Message 2 is null.", new(MessageRole.User, "One"), null!);

    [Fact]
    public async Task ReadAsync_AnswerFirst_IsRefused() =>
        await RefusedAsync<ArgumentException>(
            "The first message is the assistant's",
            new(MessageRole.Assistant, "Hello"),
            new(MessageRole.User, "Hello"));

    [Fact]
    public async Task ReadAsync_AnswerLast_IsRefused() =>
        await RefusedAsync<ArgumentException>(
            "The last message is the assistant's",
            new(MessageRole.User, "Hello"),
            new(MessageRole.Assistant, "Hello"));

    [Fact]
    public async Task ReadAsync_PictureWithoutAQuestion_IsRefused() =>
        await RefusedAsync<ArgumentException>("The user's last message has no text", User(Red.Content));

    [Theory]
    [InlineData("user", "In message 1: The text has 1 <image> marks for 0 pictures")]
    [InlineData("system", "In message 1: The text has 1 <image> marks for 0 pictures")]
    [InlineData("assistant", "In message 1: The text has 1 <image> marks for 0 pictures")]
    public async Task ReadAsync_MarkWithoutAPicture_IsRefused(string role, string message) =>
        await RefusedAsync<ArgumentException>(
            message, new(new MessageRole(role), "An <image> here"), new(MessageRole.User, "What?"));

    [Fact]
    public async Task ReadAsync_DamagedPicture_IsNamed() =>
        await RefusedAsync<InvalidImageException>(
            "picture 2 of message 1: ",
            User(Red.Content, new DataContent(new byte[64], "image/png"), new TextContent("What?")));

    [Fact]
    public async Task ReadAsync_Cancelled_Throws() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Reader().ReadAsync([new(MessageRole.User, "What?")], null, new CancellationToken(true)));

    private static ColoredPicture Red { get; } = new(255, 0, 0);

    private static ColoredPicture Green { get; } = new(0, 255, 0);

    private static ColoredPicture Blue { get; } = new(0, 0, 255);

    private static ChatMessageReader Reader() => new(new ChatImageReader(new()), new ImageMarks(tagged: false));

    private static ChatMessage User(params AIContent[] contents) => new(MessageRole.User, contents);

    private static Task<Conversation> ReadAsync(params ChatMessage[] messages) =>
        Reader().ReadAsync(messages, null, default);

    private static async Task RefusedAsync<T>(string message, params ChatMessage[] messages)
        where T : Exception
    {
        T error = await Assert.ThrowsAsync<T>(() => ReadAsync(messages));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }
}
