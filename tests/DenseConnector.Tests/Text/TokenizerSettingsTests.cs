using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class TokenizerSettingsTests
{
    [Fact]
    public void Read_NoFiles_HasTheDefaultsOfLlama()
    {
        TokenizerSettings settings = Read("{}");

        Assert.Equal(("<s>", "</s>", "<unk>"), (settings.Bos, settings.Eos, settings.Unknown));
        Assert.Equal((true, false, true), (settings.AddBos, settings.AddEos, settings.Legacy));
        Assert.Equal(["<s>", "</s>", "<unk>"], settings.SpecialTokens);
        Assert.Empty(settings.AddedTokens);
    }

    [Fact]
    public void Read_WholeConfig_IsTaken()
    {
        TokenizerSettings settings = Read("""
            {
              "tokenizer_class": "LlamaTokenizer", "legacy": false, "add_bos_token": false, "add_eos_token": true,
              "bos_token": {"__type": "AddedToken", "content": "<b>"}, "eos_token": null, "pad_token": "<p>",
              "additional_special_tokens": ["<x>", {"content": "<y>"}, "<p>"],
              "added_tokens_decoder": {
                "7": {"content": "<x>", "rstrip": true, "special": true}, "8": {"content": "<z>"}
              }
            }
            """);

        Assert.Equal((false, true, false), (settings.AddBos, settings.AddEos, settings.Legacy));
        Assert.Equal("<b>", settings.Bos);
        Assert.Null(settings.Eos);
        Assert.Equal(["<b>", "<unk>", "<p>", "<x>", "<y>"], settings.SpecialTokens);
        Assert.Equal(new AddedToken("<x>", RightStrip: true, Special: true), settings.AddedTokens[7]);
        Assert.Equal(new AddedToken("<z>", Normalized: true), settings.AddedTokens[8]);
    }

    [Fact]
    public void Read_OlderFiles_AreTakenWithoutAddedTokensDecoder()
    {
        using TemporaryFolder folder = new TemporaryFolder()
            .Write("tokenizer_config.json", """{"bos_token": "<old>"}""")
            .Write("special_tokens_map.json", """{"bos_token": {"content": "<b>"}, "pad_token": "<p>"}""")
            .Write("added_tokens.json", """{"<p>": 9, "<q>": 10}""")
            .Write("tokenizer.json", """{"added_tokens": [{"id": 11, "content": "<r>", "special": true}]}""");

        TokenizerSettings settings = TokenizerSettings.Read(folder.Path);

        Assert.Equal("<b>", settings.Bos);
        Assert.Equal(new AddedToken("<p>", Special: true), settings.AddedTokens[9]);
        Assert.Equal(new AddedToken("<q>"), settings.AddedTokens[10]);
        Assert.Equal(new AddedToken("<r>", Special: true), settings.AddedTokens[11]);
    }

    [Fact]
    public void Read_AddedTokensDecoder_MakesOlderFilesCountForNothing()
    {
        using TemporaryFolder folder = new TemporaryFolder()
            .Write("tokenizer_config.json", """{"added_tokens_decoder": {}}""")
            .Write("special_tokens_map.json", """{"bos_token": "<b>"}""")
            .Write("added_tokens.json", """{"<p>": 9}""");

        TokenizerSettings settings = TokenizerSettings.Read(folder.Path);

        Assert.Equal("<s>", settings.Bos);
        Assert.Empty(settings.AddedTokens);
    }

    [Theory]
    [InlineData("""{"tokenizer_class": "GPT2Tokenizer"}""", "tokenizer_class")]
    [InlineData("""{"clean_up_tokenization_spaces": true}""", "clean_up_tokenization_spaces")]
    [InlineData("""{"split_special_tokens": true}""", "split_special_tokens")]
    [InlineData("""{"sp_model_kwargs": {"enable_sampling": true}}""", "enable_sampling")]
    [InlineData("""{"bos_token": 3}""", "bos_token")]
    [InlineData("""{"bos_token": {"text": "a"}}""", "bos_token")]
    [InlineData("""{"bos_token": "\ud800"}""", "bos_token")]
    [InlineData("""{"additional_special_tokens": "<x>"}""", "additional_special_tokens")]
    [InlineData("""{"added_tokens_decoder": {"-1": {"content": "a"}}}""", "added_tokens_decoder.-1")]
    [InlineData("""{"added_tokens_decoder": {"99999999999": {"content": "a"}}}""", "added_tokens_decoder.99999999999")]
    [InlineData("""{"added_tokens_decoder": {"1": null}}""", "added_tokens_decoder.1")]
    [InlineData("""{"added_tokens_decoder": {"1": {}}}""", "content")]
    [InlineData("""{"added_tokens_decoder": {"1": {"content": "a", "single_word": true}}}""", "single_word")]
    [InlineData("[]", "an object")]
    [InlineData("{", "JSON")]
    public void Read_NotSupported_SaysWhatAndWhere(string config, string said)
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(() => Read(config));

        Assert.Contains("tokenizer_config.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    private static TokenizerSettings Read(string config)
    {
        using TemporaryFolder folder = new TemporaryFolder().Write("tokenizer_config.json", config);
        return TokenizerSettings.Read(folder.Path);
    }
}
