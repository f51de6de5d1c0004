using DenseConnector.Cli.Synthesis;
using DenseConnector.Tests.Loading;
using DenseConnector.Text;

namespace DenseConnector.Cli.Tests.Synthesis;

public sealed class SyntheticTokenizerTests
{
    [Theory]
    [InlineData(1024)]
    [InlineData(32000)]
    [InlineData(128256)]
    public void WriteTo_AnySize_HasSoManyPiecesAndKeepsText(int size)
    {
        using TemporaryFolder folder = new();

        SyntheticTokenizer.WriteTo(folder.Path, size);

        LoadedTokenizer loaded = TokenizerLoader.Load(folder.Path);
        Assert.Equal(size, loaded.VocabularySize);
        const string Text = "What is in the picture? ABC 123 äöü €";
        Assert.Equal($"<s>{Text}", loaded.Tokenizer.Decode(loaded.Tokenizer.EncodeToIds(Text)));
    }
}
