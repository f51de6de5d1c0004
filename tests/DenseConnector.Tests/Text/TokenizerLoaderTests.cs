using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class TokenizerLoaderTests
{
    [Fact]
    public void Load_ModelAlone_HasTheDefaultsOfLlama()
    {
        using TemporaryFolder folder =
            new TemporaryFolder().Write("tokenizer.model", ModelFile.WithPieces("a").ToBytes());

        LoadedTokenizer tokenizer = TokenizerLoader.Load(folder.Path);

        Assert.Equal(1, tokenizer.BosId);
        Assert.Equal(2, tokenizer.EosId);
        Assert.True(tokenizer.AddsBos);
        Assert.Equal(4, tokenizer.VocabularySize);
        Assert.Equal(3, tokenizer.IdOf("a"));
        Assert.Null(tokenizer.IdOf("b"));
        Assert.Equal("a", tokenizer.CreateDecoder().Append(3));
        Assert.Equal(2, tokenizer.Tokenizer.EncodeToIds("</s>")[^1]);
    }

    [Fact]
    public void Load_TinyModel_Works()
    {
        LoadedTokenizer tokenizer = TokenizerLoader.Load(TestData.TinyModel);

        Assert.Equal(1024, tokenizer.VocabularySize);
        IReadOnlyList<int> ids = tokenizer.Tokenizer.EncodeToIds("What is in the picture?");
        Assert.Equal("<s> What is in the picture?", tokenizer.Tokenizer.Decode(ids));
    }

    [Fact]
    public void Load_NoTokenizer_SaysWhatIsExpected()
    {
        using TemporaryFolder folder = new();

        CheckpointException error = Assert.Throws<CheckpointException>(() => TokenizerLoader.Load(folder.Path));

        Assert.Contains(
            "expected tokenizer.model, tokenizer.json, or vocab.json", error.Message, StringComparison.Ordinal);
        Assert.Equal(folder.Path, error.File);
    }

    [Fact]
    public void Load_OtherTokenizerClass_SaysWhichAreSupported()
    {
        using TemporaryFolder folder = new TemporaryFolder()
            .Write("tokenizer.model", ModelFile.WithPieces("a").ToBytes())
            .Write("tokenizer_config.json", """{"tokenizer_class": "T5Tokenizer"}""");

        ModelConfigException error = Assert.Throws<ModelConfigException>(() => TokenizerLoader.Load(folder.Path));

        Assert.Equal("tokenizer_class", error.Path);
        Assert.Contains("'T5Tokenizer', supported are 'LlamaTokenizer'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TokenizerJson_TakesRolesFromTheConfig()
    {
        using TemporaryFolder folder = new TemporaryFolder()
            .Write("tokenizer.json", new ByteLevelFile { AddedTokens = """[{"id": 300, "content": "<b>"}]""" }.ToJson())
            .Write(
                "tokenizer_config.json",
                """{"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<b>", "eos_token": "!"}""");

        LoadedTokenizer tokenizer = TokenizerLoader.Load(folder.Path);

        Assert.Equal((300, '!', false), (tokenizer.BosId!.Value, tokenizer.EosId!.Value, tokenizer.AddsBos));
        Assert.Equal(257, tokenizer.VocabularySize);
        Assert.Equal(300, tokenizer.IdOf("<b>"));
        Assert.Equal([300, 'a'], tokenizer.Tokenizer.EncodeToIds("<b>a"));
        Assert.Equal(string.Empty, tokenizer.CreateDecoder().Append(300));

        // Without a word about it transformers takes spaces out before punctuation.
        StreamingDecoder decoder = tokenizer.CreateDecoder();
        Assert.Equal(["", "."], [decoder.Append(' '), decoder.Append('.')]);
    }

    [Fact]
    public void Load_TokenizerJsonAlone_HasNoRoles()
    {
        using TemporaryFolder folder = new TemporaryFolder().Write("tokenizer.json", new ByteLevelFile().ToJson());

        LoadedTokenizer tokenizer = TokenizerLoader.Load(folder.Path);

        Assert.Null(tokenizer.BosId);
        Assert.Equal(256, tokenizer.VocabularySize);
    }

    [Fact]
    public void Load_Gpt2Files_HaveTheDefaultsOfGpt2()
    {
        using TemporaryFolder folder = Gpt2Folder("""{"clean_up_tokenization_spaces": false, "add_bos_token": true}""")
            .Write("added_tokens.json", """{"<|endoftext|>": 256, "  ": 257}""");

        LoadedTokenizer tokenizer = TokenizerLoader.Load(folder.Path);

        Assert.Equal((256, 256), (tokenizer.BosId!.Value, tokenizer.EosId!.Value));
        Assert.Equal([256, 'a', 257], tokenizer.Tokenizer.EncodeToIds("a  "));
        Assert.Equal(" ", tokenizer.CreateDecoder().Append(' '));
    }

    [Fact]
    public void Load_Gpt2FilesOfAnotherClass_AreRefused()
    {
        using TemporaryFolder folder = Gpt2Folder("""{"tokenizer_class": "RobertaTokenizer"}""");

        ModelConfigException error = Assert.Throws<ModelConfigException>(() => TokenizerLoader.Load(folder.Path));

        Assert.Equal("tokenizer_class", error.Path);
        Assert.Contains("'CodeGenTokenizer'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SeveralKinds_TakesTheFirst()
    {
        using TemporaryFolder folder = Gpt2Folder("{}").Write("tokenizer.json", new ByteLevelFile().ToJson());
        Assert.Null(TokenizerLoader.Load(folder.Path).BosId);

        folder.Write("tokenizer.model", ModelFile.WithPieces("a").ToBytes());
        Assert.Equal(4, TokenizerLoader.Load(folder.Path).VocabularySize);
    }

    [Fact]
    public void Load_SplitSpecialTokens_IsRefused()
    {
        using TemporaryFolder folder = Gpt2Folder("""{"split_special_tokens": true}""");

        Assert.Equal(
            "split_special_tokens",
            Assert.Throws<ModelConfigException>(() => TokenizerLoader.Load(folder.Path)).Path);
    }

    [Theory]
    [InlineData("""{"added_tokens_decoder": {"\ud800": {"content": "x"}}}""")]
    [InlineData("""{"added_tokens_decoder": {"300": {"content": "\ud800"}}}""")]
    [InlineData("""{"bos_token": "\ud800"}""")]
    [InlineData("""{"\ud800": 1}""")]
    [InlineData("""{"added_tokens_decoder": {"99": {"content": "other"}}}""")]
    [InlineData("""{"added_tokens_decoder": {"99999999": {"content": "other"}}}""")]
    public void Load_HostileConfig_ThrowsOrReads(string config)
    {
        using TemporaryFolder folder = Gpt2Folder(config);

        Exception? error = Record.Exception(() => TokenizerLoader.Load(folder.Path));

        Assert.True(error is null or DenseConnectorException, error?.ToString());
    }

    private static TemporaryFolder Gpt2Folder(string config)
    {
        ByteLevelFile file = new();
        return new TemporaryFolder().Write("vocab.json", file.VocabularyJson()).Write("merges.txt", file.MergesText())
            .Write("tokenizer_config.json", config);
    }
}
