using System.Text.Json;
using DenseConnector.Cli.Evaluation.MmBench;
using DenseConnector.Cli.Evaluation.Python;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation.MmBench;

[Trait("Suite", "Evaluation")]
public sealed class MmBenchQuestionTests
{
    private const string Names = "index\tquestion\thint\tA\tB\tC\tD\timage\n";

    [Theory]
    [InlineData("mmbench")]
    [InlineData("mmbench_cn")]
    public void ReadPicture_EveryQuestion_HasTheRecordedSize(string folder)
    {
        IReadOnlyList<JsonElement> prompts = EvaluationData.Rows(folder, "prompts.jsonl");
        IReadOnlyList<MmBenchQuestion> questions =
            MmBenchQuestion.Read(EvaluationData.File(folder, "mmbench_dev.tsv"));
        Assert.All(questions.Zip(prompts), pair =>
        {
            ImageInput picture = ImageInput.FromBytes(pair.First.ReadPicture());
            Assert.Equal(
                pair.Second.GetProperty("image_sizes")[0].EnumerateArray().Select(side => side.GetInt32()),
                [picture.Width, picture.Height]);
        });
    }

    [Theory]
    [InlineData("x\ty\tz", "x,y,z")]
    [InlineData("x\t\tz", "x")]
    [InlineData("x\tNaN\tz", "x")]
    [InlineData("x\tNAN\tz", "x")]
    [InlineData("x\tnONE\tz", "x")]
    [InlineData("x\t none\tz", "x, none,z")]
    [InlineData("nan\ty\tz", "")]
    [InlineData("x\tn/a\tz", "x")]
    [InlineData("x\tN/a\tz", "x,N/a,z")]
    [InlineData("x\t\"a\tb\"\tz", "x,a\tb,z")]
    public void Read_Options_EndAtTheFirstThatSaysNothing(string options, string expected) =>
        Assert.Equal(expected, string.Join(',', Read($"{Names}1\tq\t\t{options}\t\tAA==\n")[0].Options));

    [Theory]
    [InlineData("", "q")]
    [InlineData("nan", "q")]
    [InlineData("None", "q")]
    [InlineData("NAN", "q")]
    [InlineData("h", "h\nq")]
    [InlineData("\"h\r\ni\"", "h\r\ni\nq")]
    public void Read_Hint_StandsBeforeTheQuestionUnlessItSaysNothing(string hint, string expected) =>
        Assert.Equal(expected, Read($"{Names}1\tq\t{hint}\ta\tb\tc\td\tAA==\n")[0].Question);

    [Theory]
    [InlineData("1", "2", "1,2")]
    [InlineData("1", "", "1.0,null")]
    [InlineData("1", "2.5", "1.0,2.5")]
    [InlineData("1", "b", "\"1\",\"b\"")]
    public void Read_Index_HasTheTypeOfItsColumn(string first, string second, string expected) => Assert.Equal(
        expected,
        string.Join(',', Read($"{Names}{first}\tq\n{second}\tq\n").Select(row => PythonJson.Write(row.Index))));

    [Fact]
    public void Identify_QuestionWithoutIndex_SaysSoAsPythonDoes() => Assert.StartsWith(
        "{\"question_id\": NaN, ",
        PythonJson.Write(new MmBenchRound(Read($"{Names}\tq\n")[0], 0).Identify()),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("", " is empty, expected tab-separated text")]
    [InlineData("index\tindex\n", ": line 1: a column is named twice")]
    [InlineData("index\tquestion\n", ": the column 'hint' is missing")]
    [InlineData(Names + "1\t\n", ": line 2: the question is missing")]
    [InlineData(Names + "1\t\"q\n\n2\tq\n", ": line 2: a quote that opens a field of this row is never closed")]
    [InlineData(Names + "1\t\"q\nr\"\n2\t\t\t\t\t\t\t\t\t\n", ": line 4: 10 fields, expected 8 at most")]
    [InlineData(Names + "1\tq\uE000\n", ": line 1 or one soon after it is no UTF-8")]
    public void Read_BadFile_NamesThePlace(string text, string expected)
    {
        using TemporaryFolder folder = new();
        string file = Write(folder, text);
        IOException error = Assert.Throws<IOException>(() => MmBenchQuestion.Read(file));
        Assert.StartsWith(file + expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "line 2: the picture is missing")]
    [InlineData("AAAAA", "line 2: the picture is broken base64")]
    [InlineData("AAA", "line 2: the picture is broken base64")]
    public void ReadPicture_BrokenBase64_NamesThePlace(string image, string expected)
    {
        MmBenchQuestion question = Read($"{Names}1\tq\t\ta\tb\tc\td\t{image}\n")[0];
        Assert.Contains(
            expected, Assert.Throws<IOException>(question.ReadPicture).Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<MmBenchQuestion> Read(string text)
    {
        using TemporaryFolder folder = new();
        return MmBenchQuestion.Read(Write(folder, text));
    }

    // This character stands for a byte that is no UTF-8.
    private static string Write(TemporaryFolder folder, string text) => folder.Write(
        "questions.tsv",
        [.. text.Split('\uE000').SelectMany((part, i) =>
            (i == 0 ? Array.Empty<byte>() : [0x80]).Concat(System.Text.Encoding.UTF8.GetBytes(part)))]);
}
