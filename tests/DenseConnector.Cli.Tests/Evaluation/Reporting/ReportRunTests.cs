using DenseConnector.Cli.Evaluation.Reporting;

namespace DenseConnector.Cli.Tests.Evaluation.Reporting;

public sealed class ReportRunTests
{
    [Fact]
    public void Read_RunsFolder_HasItsRecords()
    {
        using ReportFolder folder = new();

        ReportRun run = folder.Write();

        Assert.Equal(folder.Run, run.Run);
        Assert.Equal(62.25, run.Score.Value);
        Assert.Equal($"TextVQA, dense-connector-v1.5-7b ({Path.GetFileName(folder.Path)})", run.Title);
    }

    [Fact]
    public void Title_ModelOfAFolder_HasTheFoldersName()
    {
        using ReportFolder known = new();
        using ReportFolder folder = new() { Run = known.Run with { Model = "/data/DenseConnector-v1.5-7B/" } };

        Assert.StartsWith("TextVQA, DenseConnector-v1.5-7B (", folder.Write().Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoFolder_SaysWhatIsExpected() =>
        Fails("no-such-folder", "'no-such-folder' is no folder: expected the output folder of 'eval'.");

    [Theory]
    [InlineData("run.json")]
    [InlineData("scores.json")]
    public void Read_MissingFile_NamesIt(string file)
    {
        using ReportFolder folder = new();
        folder.Write();
        File.Delete(folder.PathOf(file));

        Fails(folder.Path, $"'{folder.Path}' holds no '{file}': expected the output folder of 'eval'.");
    }

    [Theory]
    [InlineData("run.json", "{}", "run.json does not say the benchmark")]
    [InlineData("scores.json", "{}", "scores.json does not say the benchmark")]
    [InlineData(
        "scores.json",
        """{"benchmark": "textvqa", "title": "TextVQA", "groups": [{"kind": "a"}]}""",
        "scores.json does not say the benchmark, its title or the names of its groups")]
    [InlineData("scores.json", "[", "scores.json is no result of a run")]
    [InlineData("run.json", "[", "run.json is no record of a run")]
    public void Read_DamagedFile_SaysWhatIsWrong(string file, string text, string error)
    {
        using ReportFolder folder = new();
        folder.Write();
        File.WriteAllText(folder.PathOf(file), text);

        Fails(folder.Path, error);
    }

    [Fact]
    public void Read_RecordsOfTwoRuns_AreRefused()
    {
        using ReportFolder one = new();
        using ReportFolder two = new() { Score = one.Score with { Benchmark = "gqa" } };
        two.Run.Keep(two.Path);
        two.Score.Write(two.Path);

        Fails(two.Path, "holds a run of 'textvqa' and scores of 'gqa'");
    }

    private static void Fails(string folder, string error) =>
        Assert.Contains(
            error, Assert.Throws<IOException>(() => ReportRun.Read(folder)).Message, StringComparison.Ordinal);
}
