using DenseConnector.Cli.Evaluation.Reporting;

namespace DenseConnector.Cli.Tests.Evaluation.Reporting;

public sealed class ReportRowTests
{
    [Fact]
    public void Of_CompleteOfficialRun_StandsBesideTheZoosCell()
    {
        using ReportFolder folder = new();

        ReportRow row = folder.Row;

        Assert.Equal(
            ("dense-connector-v1.5-7b", "TextVQA", "accuracy", 62.25, 62.6, -0.35),
            (row.Model, row.Benchmark, row.Metric, row.Score, row.Published, row.Difference));
        Assert.Equal((200, 200, 0), (row.Questions, row.Answered, row.Failed));
        Assert.Equal("greedy, at most 128 tokens; float32", row.Settings);
        Assert.True(row.IsOfficial);
        Assert.Empty(row.Marks);
    }

    [Fact]
    public void Of_FolderNamedAsARepository_IsComparedWithItsRow()
    {
        using ReportFolder known = new();
        using ReportFolder folder = new() { Run = known.Run with { Model = "/data/DenseConnector-v1.5-7B/" } };

        Assert.Equal(
            ("DenseConnector-v1.5-7B", known.Row.Published), (folder.Row.Model, folder.Row.Published));
    }

    [Fact]
    public void Of_IncompleteRun_DoesNotCompare()
    {
        using ReportFolder whole = new();
        using ReportFolder folder = new() { Score = whole.Score with { Answered = 150, Failed = 50, Value = 62 } };

        ReportRow row = folder.Row;

        Assert.Equal(62.6, row.Published);
        Assert.Null(row.Difference);
        Assert.Equal(["incomplete: 150 of 200 answered", "50 failed in the latest run"], row.Marks);
    }

    [Fact]
    public void Of_OtherSettings_DoNotCompare()
    {
        using ReportFolder official = new();
        using ReportFolder folder = new() { Run = official.Run with { Temperature = 0.5f, IsOfficial = false } };

        ReportRow row = folder.Row;

        Assert.False(row.IsOfficial);
        Assert.Null(row.Difference);
        Assert.Equal(["not the official settings"], row.Marks);
    }

    [Fact]
    public void Of_OtherPromptTemplate_DoesNotCompare()
    {
        using ReportFolder official = new();
        using ReportFolder folder = new() { Run = official.Run with { PromptTemplate = "plain" } };

        ReportRow row = folder.Row;

        Assert.False(row.IsOfficial);
        Assert.Null(row.Difference);
        Assert.Equal(["prompt template plain, the zoo's is vicuna_v1"], row.Marks);
    }

    [Fact]
    public void Of_QuantizedRun_ComparesWithAMark()
    {
        using ReportFolder exact = new();
        using ReportFolder folder = new() { Run = exact.Run with { Quantization = Quantization.Int8 } };

        ReportRow row = folder.Row;

        Assert.Equal(-0.35, row.Difference);
        Assert.Equal(["quantized to int8"], row.Marks);
    }

    [Theory]
    [InlineData("my-model", "TextVQA")]
    [InlineData("dense-connector-v1.5-7b", "POPE")]
    public void Of_WhatTheZooDoesNotHave_HasNoDifference(string model, string title)
    {
        using ReportFolder known = new();
        using ReportFolder folder = new()
        {
            Run = known.Run with { Model = model },
            Score = known.Score with { Title = title },
        };

        ReportRow row = folder.Row;

        Assert.Equal(62.25, row.Score);
        Assert.Null(row.Published);
        Assert.Null(row.Difference);
        Assert.Empty(row.Marks);
    }

    [Theory]
    [InlineData("gpt-4-0613", true)]
    [InlineData("my-judge", false)]
    public void Of_JudgedRun_ComparesOnlyWithTheOfficialJudge(string judge, bool isOfficial)
    {
        using ReportFolder known = new();
        using ReportFolder folder = new()
        {
            Run = known.Run with { Benchmark = "mm-vet" },
            Score = known.Score with { Benchmark = "mm-vet", Title = "MM-Vet", Judges = [judge] },
        };

        Assert.Equal(isOfficial, folder.Row.Difference is not null);
        Assert.Equal(isOfficial ? [] : ["judged by my-judge, officially by gpt-4-0613"], folder.Row.Marks);
    }

    [Fact]
    public void Of_ScoreMadeElsewhere_IsMarked()
    {
        using ReportFolder scored = new();
        using ReportFolder folder = new() { Score = scored.Score with { Value = null } };

        Assert.Null(folder.Row.Difference);
        Assert.Equal(["scored elsewhere: upload the file that the run wrote"], folder.Row.Marks);
    }
}
