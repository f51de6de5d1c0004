using DenseConnector.Cli.Evaluation.Reporting;

namespace DenseConnector.Cli.Tests.Evaluation.Reporting;

public sealed class CsvReportTests
{
    private const string Head =
        "model,benchmark,metric,score,running_score,published,difference,questions,answered,failed,settings," +
        "official,complete,marks,folder\r\n";

    [Fact]
    public void Write_Rows_HaveTheNumbersAsTheyAre()
    {
        using ReportFolder folder = new();

        Assert.Equal(
            Head + "dense-connector-v1.5-7b,TextVQA,accuracy,62.25,61.5,62.6,-0.35,200,200,0," +
            "\"greedy, at most 128 tokens; float32\",yes,yes,,out\r\n",
            CsvReport.Write([folder.Row with { Folder = "out" }]));
    }

    [Fact]
    public void Write_NothingKnown_LeavesFieldsEmpty()
    {
        using ReportFolder folder = new();
        ReportRow row = folder.Row with
        {
            Folder = "out",
            Metric = null,
            Score = null,
            RunningScore = null,
            Published = null,
            Answered = 1,
            IsOfficial = false,
            Settings = "s",
            Marks = ["a", "b"],
        };

        Assert.Equal(
            Head + "dense-connector-v1.5-7b,TextVQA,,,,,,200,1,0,s,no,no,a; b,out\r\n", CsvReport.Write([row]));
    }

    [Theory]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a \"b\"", "\"a \"\"b\"\"\"")]
    [InlineData("a\nb", "\"a\nb\"")]
    [InlineData("a\rb", "\"a\rb\"")]
    [InlineData("a|b", "a|b")]
    [InlineData("=1+2", "'=1+2")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1,A2)", "\"'@SUM(A1,A2)\"")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("a=1", "a=1")]
    public void Write_NameOfAModel_IsOneFieldAndNoFormula(string name, string written)
    {
        using ReportFolder folder = new();

        Assert.StartsWith(
            $"{Head}{written},TextVQA,", CsvReport.Write([folder.Row with { Model = name }]), StringComparison.Ordinal);
    }
}
