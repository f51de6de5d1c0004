using System.Text.Json.Nodes;
using DenseConnector.Catalog;
using DenseConnector.Configuration;
using DenseConnector.Text;

namespace DenseConnector.Tests;

public sealed class TextPlanTests : IDisposable
{
    private static readonly CatalogEntry Row = new()
    {
        Vision = "clip",
        Connector = "dci",
        Decoder = "llama",
        Parameters = 1,
        Layout = "pad",
        Name = "row",
        Description = "A row.",
        License = "MIT",
        PromptTemplate = "llava_v1",
    };

    private readonly ModelCopy _model = new();

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData("phi", "mpt", true, "phi", "as asked for")]
    [InlineData(null, "mpt", true, "mpt", "from config.json")]
    [InlineData("llama_3_chat", "mpt", true, "llama_3_chat", "as asked for")]
    [InlineData(null, "llama_3_chat", true, "llama_3_chat", "from config.json")]
    [InlineData(null, null, true, "llava_v1", "from the catalog")]
    [InlineData(null, null, false, "vicuna_v1", "assumed from the vocabulary, config.json does not say")]
    public void Read_Template_OptionThenConfigThenCatalogThenVocabulary(
        string? option, string? config, bool catalog, string expected, string source)
    {
        TextPlan plan = Read(option, config, catalog ? Row : null);

        Assert.Equal(expected, plan.Template.Name);
        Assert.Equal(source, plan.TemplateSource);
    }

    [Fact]
    public void Read_NothingSaysTheTemplate_NamesTheOption()
    {
        // The vocabulary rule is for the LLaVA family alone.
        _model.Set("model_type", "llama");

        ModelConfigException error = Assert.Throws<ModelConfigException>(() => Read(null, null, null));

        Assert.Equal(_model.PathOf("config.json"), error.File);
        Assert.Contains("--template", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_VocabularyWithAnotherEnd_NamesTheOption()
    {
        _model.Set("eos_token", "<unk>", "tokenizer_config.json").Set("eos_token", "<unk>", "special_tokens_map.json");

        Assert.Throws<ModelConfigException>(() => Read(null, null, null));
    }

    [Fact]
    public void Read_UnknownTemplateAskedFor_IsAnArgumentError() =>
        Assert.Contains(
            "'nope', known are",
            Assert.Throws<ArgumentException>(() => Read("nope", null, null)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Read_UnknownTemplateInConfig_IsTheFilesError()
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(() => Read(null, "nope", null));

        Assert.Equal("prompt_template", error.Path);
        Assert.Equal(_model.PathOf("config.json"), error.File);
        Assert.Contains("'nope', supported are chatml_direct, ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EndIds_JoinTheConfigsAndTheTokenizers()
    {
        _model.Set("eos_token_id", 7, "generation_config.json");

        Assert.Equal([2, 7], Read(null, null, null).EndIds.Order());
    }

    [Fact]
    public void Read_TemplateWithAnEndOfItsOwn_AddsIt()
    {
        AddToken(300, "<|eot_id|>");

        Assert.Equal([2], Read(null, null, null).EndIds);
        Assert.Equal([2, 300], Read("llama_3", null, null).EndIds.Order());
    }

    [Fact]
    public void With_EveryTemplate_IsThePlanOfAModelLoadedWithIt()
    {
        AddToken(300, "<|eot_id|>");
        Conversation[] conversations =
        [
            new([new(ChatRole.User, "<image>\nWhat is it?")], []),
            new([new(ChatRole.User, "<image>\nWhat is it?")], [], "Be brief."),
            new([new(ChatRole.User, "Hello."), new(ChatRole.Assistant, "Yes?"), new(ChatRole.User, "Bye.")], []),
        ];
        foreach (string own in new[] { "vicuna_v1", "llama_3" })
        {
            TextPlan plan = Read(own, null, null);
            foreach (string name in PromptTemplate.Names)
            {
                TextPlan loaded = Read(name, null, null);
                TextPlan asked = plan.With(name);

                Assert.Equal(loaded.Template, asked.Template);
                Assert.Equal(loaded.EndIds, asked.EndIds);
                Assert.All(conversations, conversation =>
                    Assert.Equal(Encode(loaded, conversation), Encode(asked, conversation)));
            }

            Assert.Same(plan, plan.With(null));
        }
    }

    [Fact]
    public void With_UnknownTemplate_ListsThem() =>
        Assert.StartsWith(
            $"There is no prompt template 'nope', known are {string.Join(", ", PromptTemplate.Names)}.",
            Assert.Throws<ArgumentException>(() => Read(null, null, null).With("nope")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Read_NoTokenizer_NamesTheFolder()
    {
        File.Delete(_model.PathOf("tokenizer.model"));

        Assert.Equal(_model.Path, Assert.Throws<CheckpointException>(() => Read(null, null, null)).File);
    }

    /// <summary>The ids, or nothing where the template cannot write the conversation.</summary>
    private static int[] Encode(TextPlan plan, Conversation conversation)
    {
        try
        {
            return plan.Encode(conversation);
        }
        catch (ArgumentException)
        {
            return [];
        }
    }

    private void AddToken(int id, string text) => _model.Set(
        "added_tokens_decoder",
        new JsonObject { [$"{id}"] = new JsonObject { ["content"] = text, ["special"] = true } },
        "tokenizer_config.json");

    private TextPlan Read(string? option, string? config, CatalogEntry? entry)
    {
        _model.Set("prompt_template", config);
        ModelFolder folder = _model.AsFolder() with { Entry = entry };
        return TextPlan.Read(
            folder, ConfigReader.ReadModel(folder.Path), new ModelOptions { PromptTemplate = option });
    }
}
