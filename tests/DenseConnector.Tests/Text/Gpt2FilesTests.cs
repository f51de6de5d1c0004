using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class Gpt2FilesTests
{
    private static readonly ByteLevelFile Small = new ByteLevelFile().Merge(("a", "b"), ("x", "y"), ("ab", "c"));

    [Fact]
    public void Load_Files_GivesWhatTokenizerJsonGives()
    {
        using TemporaryFolder folder = Folder(Small.VocabularyJson(), Small.MergesText());

        ByteLevelModel model = Gpt2Files.Load(folder.Path);

        Assert.Equal(Small.Parse().Vocabulary.Ids, model.Vocabulary.Ids);
        Assert.Equal([258], new ByteLevelBpe(model, ByteLevelFile.NoRoles).EncodeToIds("abc"));
    }

    [Fact]
    public void Load_LinesOfWindows_AreRead()
    {
        using TemporaryFolder folder = Folder(
            Small.VocabularyJson(), Small.MergesText().ReplaceLineEndings("\r\n") + "\r\n");

        Assert.Equal([258], new ByteLevelBpe(Gpt2Files.Load(folder.Path), ByteLevelFile.NoRoles).EncodeToIds("abc"));
    }

    [Theory]
    [InlineData("#version: 0.2\na b c\n", "line 2 that is not two tokens")]
    [InlineData("ab\n", "line 1 that is not two tokens")]
    [InlineData("b a\n", "'b' and 'a', but no token for both")]
    [InlineData("a zz\n", "'zz', which is no token")]
    public void Load_DamagedMerges_NamesTheFile(string merges, string expected)
    {
        using TemporaryFolder folder = Folder(Small.VocabularyJson(), merges);

        CheckpointException error = Assert.Throws<CheckpointException>(() => Gpt2Files.Load(folder.Path));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("merges.txt", error.File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("{} {}", "not valid JSON")]
    [InlineData("{}", "has no token")]
    [InlineData("[]", "starts with StartArray")]
    public void Load_DamagedVocabulary_NamesTheFile(string vocabulary, string expected)
    {
        using TemporaryFolder folder = Folder(vocabulary, string.Empty);

        CheckpointException error = Assert.Throws<CheckpointException>(() => Gpt2Files.Load(folder.Path));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("vocab.json", error.File, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NoMerges_SaysWhichFile()
    {
        using TemporaryFolder folder = new TemporaryFolder().Write("vocab.json", Small.VocabularyJson());

        CheckpointException error = Assert.Throws<CheckpointException>(() => Gpt2Files.Load(folder.Path));

        Assert.EndsWith("merges.txt", error.File, StringComparison.Ordinal);
    }

    [TokenizerDataFact]
    public void Load_RealFiles_EqualTokenizerJson()
    {
        string[] folders = [.. TestData.TokenizerFolders.SelectMany(Golden.TokenizerFolders).Where(folder =>
            File.Exists(Path.Combine(folder, "vocab.json")) && File.Exists(Path.Combine(folder, "tokenizer.json")))];
        Assert.NotEmpty(folders);
        foreach (string folder in folders)
        {
            CheckpointTokenizer fast = Golden.Load(folder), slow = Golden.LoadGpt2Files(folder);

            Assert.Equal(
                (fast.VocabularySize, fast.BosId, fast.EosId, fast.AddsBos),
                (slow.VocabularySize, slow.BosId, slow.EosId, slow.AddsBos));
            for (int id = 0; id < fast.VocabularySize; id++)
            {
                Assert.Equal((fast.Decode([id]), fast.IsSpecial(id)), (slow.Decode([id]), slow.IsSpecial(id)));
            }
        }
    }

    private static TemporaryFolder Folder(string vocabulary, string merges) =>
        new TemporaryFolder().Write("vocab.json", vocabulary).Write("merges.txt", merges);
}
