using DenseConnector.Chat;
using Microsoft.Extensions.AI;

namespace DenseConnector.Tests.Chat;

public sealed class ChatOptionsReaderTests
{
    private const string Model = "tiny";

    [Fact]
    public void Read_Nothing_GivesTheDefaults()
    {
        Assert.Equal(new GenerationOptions(), Read(null));
        Assert.Equal(new GenerationOptions(), Read(new()));
    }

    [Fact]
    public void Read_EveryProperty_IsTakenOver()
    {
        GenerationOptions read = Read(new()
        {
            MaxOutputTokens = 7,
            Temperature = 0.5f,
            TopP = 0.25f,
            TopK = 9,
            FrequencyPenalty = 1.5f,
            PresencePenalty = -1f,
            Seed = 11,
            StopSequences = ["a", "b"],
            ModelId = Model,
        });

        Assert.Equal(7, read.MaxNewTokens);
        Assert.Equal(0.5f, read.Temperature);
        Assert.Equal(0.25f, read.TopP);
        Assert.Equal(9, read.TopK);
        Assert.Equal(1.5f, read.FrequencyPenalty);
        Assert.Equal(-1f, read.PresencePenalty);
        Assert.Equal(11, read.Seed);
        Assert.Equal(["a", "b"], read.StopSequences);
    }

    [Fact]
    public void Read_OwnOptions_AreKeptWhereTheOthersSayNothing()
    {
        GenerationOptions own = new() { Beams = 3, Temperature = 2, TopK = 4, StopSequences = ["x"], Seed = 1 };

        GenerationOptions read = Read(new() { RawRepresentationFactory = _ => own, Temperature = 0.5f });

        Assert.Equal(own with { Temperature = 0.5f }, read);
        Assert.Equal(2, own.Temperature);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("phi", null, "phi")]
    [InlineData(null, "mpt", "mpt")]
    [InlineData("phi", "mpt", "phi")]
    public void Read_TemplateProperty_ComesBeforeTheOwnOptions(string? property, string? own, string? expected)
    {
        ChatOptions options = new()
        {
            AdditionalProperties = new() { ["prompt_template"] = property },
            RawRepresentationFactory = _ => new GenerationOptions { PromptTemplate = own },
        };

        Assert.Equal(expected, Read(options).PromptTemplate);
    }

    [Fact]
    public void Read_UnknownTemplate_ListsThem() =>
        Refused<ArgumentException>(
            "There is no prompt template 'nope', known are chatml_direct, ",
            new() { AdditionalProperties = new() { ["prompt_template"] = "nope" } });

    [Fact]
    public void Read_TemplateThatIsNoText_NamesTheProperty() =>
        Refused<ArgumentException>(
            "AdditionalProperties[\"prompt_template\"] is a System.Int32, expected a template's name: chatml_direct, ",
            new() { AdditionalProperties = new() { ["prompt_template"] = 5 } });

    [Fact]
    public void Read_FactoryOfNothing_GivesTheDefaults() =>
        Assert.Equal(3, Read(new() { RawRepresentationFactory = _ => null, TopK = 3 }).TopK);

    [Fact]
    public void Read_FactoryOfAnotherType_NamesIt() =>
        Refused<NotSupportedException>(
            "RawRepresentationFactory gave a System.String, expected DenseConnector.GenerationOptions.",
            new() { RawRepresentationFactory = _ => "text" });

    [Fact]
    public void Read_OtherModel_NamesBoth() =>
        Refused<ArgumentException>("ModelId is 'huge', but this client's model is 'tiny'.", new() { ModelId = "huge" });

    [Fact]
    public void Read_ValueOutOfRange_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(new() { TopP = 2 }));

    public static TheoryData<ChatOptions, string> Unable => new()
    {
        { new() { ResponseFormat = ChatResponseFormat.Json }, "ResponseFormat" },
        { new() { ResponseFormat = ChatResponseFormat.ForJsonSchema<int>() }, "ResponseFormat" },
        { new() { Tools = [Clock] }, "Tools" },
        { new() { Tools = [Clock], ToolMode = ChatToolMode.Auto }, "Tools" },
        { new() { ToolMode = ChatToolMode.RequireAny }, "ToolMode" },
        { new() { ConversationId = "1" }, "ConversationId" },
        { new() { ContinuationToken = ResponseContinuationToken.FromBytes(new byte[1]) }, "ContinuationToken" },
        { new() { Reasoning = new() { Effort = ReasoningEffort.Low } }, "Reasoning" },
    };

    [Theory]
    [MemberData(nameof(Unable))]
    public void Read_WhatTheModelCannotDo_IsNamed(ChatOptions options, string property) =>
        Refused<NotSupportedException>(property + " ", options);

    public static TheoryData<ChatOptions> Harmless =>
    [
        new() { ResponseFormat = ChatResponseFormat.Text },
        new() { Tools = [] },
        new() { Tools = [Clock], ToolMode = ChatToolMode.None },
        new() { ToolMode = ChatToolMode.Auto },
        new() { Reasoning = new() },
        new() { Reasoning = new() { Effort = ReasoningEffort.None } },
        new() { AdditionalProperties = new() { ["trace"] = "1" }, AllowMultipleToolCalls = true },
    ];

    [Theory]
    [MemberData(nameof(Harmless))]
    public void Read_WhatAsksForNothing_GivesTheDefaults(ChatOptions options) =>
        Assert.Equal(new GenerationOptions(), Read(options));

    private static AIFunction Clock { get; } = AIFunctionFactory.Create(() => "noon", "clock");

    private static GenerationOptions Read(ChatOptions? options) => ChatOptionsReader.Read(options, null!, Model);

    private static void Refused<T>(string message, ChatOptions options)
        where T : Exception =>
        Assert.StartsWith(message, Assert.Throws<T>(() => Read(options)).Message, StringComparison.Ordinal);
}
