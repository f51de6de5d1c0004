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

        Assert.Contains("expected tokenizer.model", error.Message, StringComparison.Ordinal);
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
}
