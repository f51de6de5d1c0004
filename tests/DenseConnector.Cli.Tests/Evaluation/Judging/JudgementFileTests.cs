using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Tests.Evaluation.Judging;

[Trait("Suite", "Evaluation")]
public sealed class JudgementFileTests : IDisposable
{
    private readonly JudgingFolder _folder = new();

    [Fact]
    public async Task Open_TornLastLine_CutsItOff()
    {
        await JudgeAsync(2);
        string whole = File.ReadAllText(_folder.File);
        File.AppendAllText(_folder.File, whole[..30]);
        JudgementFile.Open(_folder.File).Dispose();
        Assert.Equal(whole, File.ReadAllText(_folder.File));
    }

    [Fact]
    public async Task Read_TornLastLine_LeavesItOutAndInTheFile()
    {
        await JudgeAsync(2);
        File.AppendAllText(_folder.File, "{\"item\": \"i");
        string before = File.ReadAllText(_folder.File);
        using JudgementFile file = JudgementFile.Read(_folder.File);
        Assert.Equal(2, file.Replay(JudgeTests.Tasks(2)).Count);
        Assert.Equal(before, File.ReadAllText(_folder.File));
    }

    [Fact]
    public void Read_NoFile_HasNothingAndMakesNone()
    {
        using JudgementFile file = JudgementFile.Read(_folder.File);
        IOException error = Assert.Throws<IOException>(() => file.Replay(JudgeTests.Tasks(2)));
        Assert.Contains("no judgement of the item 'i0', try 1", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File));
    }

    [Fact]
    public async Task Replay_ItemMissing_NamesTheFirst()
    {
        await JudgeAsync(2);
        using JudgementFile file = JudgementFile.Read(_folder.File);
        IOException error = Assert.Throws<IOException>(() => file.Replay(JudgeTests.Tasks(4)));
        Assert.Contains("'i2'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_OtherRequest_IsNotUsedAgain()
    {
        await JudgeAsync(1);
        using JudgementFile file = JudgementFile.Read(_folder.File);
        JudgeRequest request = JudgeTests.Request("q0");
        Assert.Equal(new JudgeReply("repl\u00fd \"\n", "judge"), file.Find("i0", 1, request));
        Assert.Null(file.Find("i0", 2, request));
        Assert.Null(file.Find("i1", 1, request));
        Assert.Null(file.Find("i0", 1, request with { Model = "other" }));
        Assert.Null(file.Find("i0", 1, request with { Temperature = null }));
        Assert.Null(file.Find("i0", 1, request with { MaxTokens = 8 }));
        Assert.Null(file.Find("i0", 1, request with { Messages = [JudgeMessage.User("q0")] }));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("no JSON")]
    [InlineData("{\"item\": \"i\", \"try\": \"1\", \"request\": {}, \"model\": \"m\", \"reply\": \"r\"}")]
    public void Open_OtherLines_Throws(string line)
    {
        File.WriteAllText(_folder.File, line + "\n");
        IOException error = Assert.Throws<IOException>(() => JudgementFile.Open(_folder.File));
        Assert.Contains("line 1 is no judgement", error.Message, StringComparison.Ordinal);
        Assert.Equal(line + "\n", File.ReadAllText(_folder.File));
    }

    public void Dispose() => _folder.Dispose();

    private async Task JudgeAsync(int items) => await _folder.AskAsync(
        new ScriptedJudge((_, _) => Task.FromResult("repl\u00fd \"\n")), JudgeTests.Tasks(items));
}
