using DenseConnector.Catalog;
using DenseConnector.Configuration;

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
    public void Read_NoTokenizer_NamesTheFolder()
    {
        File.Delete(_model.PathOf("tokenizer.model"));

        Assert.Equal(_model.Path, Assert.Throws<CheckpointException>(() => Read(null, null, null)).File);
    }

    private TextPlan Read(string? option, string? config, CatalogEntry? entry)
    {
        _model.Set("prompt_template", config);
        ModelFolder folder = _model.AsFolder() with { Entry = entry };
        return TextPlan.Read(
            folder, ConfigReader.ReadModel(folder.Path), new ModelOptions { PromptTemplate = option });
    }
}
