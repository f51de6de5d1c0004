using System.Text;
using System.Text.Json;
using DenseConnector.Cli.Evaluation.MmBench;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation.MmBench;

[Trait("Suite", "Evaluation")]
public sealed class MmBenchUploadTests
{
    private const string Names = "index\tquestion\tA\tB\tC\tD\tanswer\thint\n";

    [Theory]
    [InlineData("mmbench")]
    [InlineData("mmbench_cn")]
    public void Write_OfTheAnswers_HasTheRecordedCells(string folder)
    {
        JsonElement expected = EvaluationData.Value(folder, "expected_xlsx.json");
        (string Type, string? Value)[][] cells = SheetReader.Read(MmBenchUpload.Write(
            EvaluationData.File(folder, "mmbench_dev.tsv"), EvaluationData.File(folder, "answers.jsonl")));
        Assert.Equal(
            expected.GetProperty("rows").EnumerateArray()
                .Select(row => row.EnumerateArray().Select(Value).ToArray()),
            cells.Select(row => row.Select(cell => cell.Value).ToArray()));

        JsonElement[] types = [.. expected.GetProperty("cell_types").EnumerateArray()];
        Assert.NotEmpty(types);
        Assert.Equal(
            types.Select(row => row.Texts()),
            cells.Take(types.Length).Select(row => row.Select(cell => cell.Type).ToArray()));
    }

    [Theory]
    [InlineData("=C1", "f", "=C1")]
    [InlineData("=", "s", "=")]
    [InlineData(" =C1", "s", " =C1")]
    [InlineData("#N/A", "e", "#N/A")]
    [InlineData("#N/A ", "s", "#N/A ")]
    [InlineData("5", "s", "5")]
    [InlineData("a <b>\\r\\n& \\uD83D\\uDE42", "s", "a <b>\r\n& 🙂")]
    [InlineData("nan", "s", "nan")]
    public void Write_Answer_BecomesACellAsWithOpenpyxl(string text, string type, string value) => Assert.Equal(
        (type, value), Write($"{Names}7\tq\ta\tb\tc\td\tA\t\n", $$"""{"question_id": 7, "text": "{{text}}"}""")[1][6]);

    [Fact]
    public void Write_LongAnswer_IsCutWhereExcelEnds()
    {
        string text = string.Concat(Enumerable.Repeat("🙂", 32768));
        Assert.Equal(
            text[2..],
            Write($"{Names}7\tq\ta\tb\tc\td\tA\t\n", $$"""{"question_id": 7, "text": "{{text}}"}""")[1][6].Value);
    }

    [Fact]
    public void Write_RepeatedAndUnknownAnswers_TakesTheLastOfEachQuestion() => Assert.Equal(
        [("s", "prediction"), ("s", "second"), ("inlineStr", null), ("s", "third")],
        Write(
            $"{Names}1\tq\n2\tq\n1000003\tq\n",
            """{"question_id": 1, "text": "first"}""",
            """{"question_id": 9, "text": "nowhere"}""",
            """{"question_id": "2", "text": "another kind of id"}""",
            """{"question_id": 1, "text": "second"}""",
            """{"question_id": 1000003, "text": "third"}""").Select(row => row[6]));

    [Fact]
    public void Write_NumbersAndTruths_KeepTheirTypes() => Assert.Equal(
        [[("n", "1"), ("n", "0.5"), ("b", "1"), ("s", "x"), ("s", "-inf")],
         [("n", "2"), ("n", "2"), ("b", "0"), ("inlineStr", null), ("n", "3")]],
        Write("index\tquestion\tA\tB\tC\n1\t.5\tTrue\tx\t-inf\n2\t2\tfalse\t\t3\n".Replace(
            "C\n", "C\tD\n", StringComparison.Ordinal))[1..].Select(row => row[..5]));

    [Fact]
    public void Write_Columns_LoseThoseThatAreNotUploaded() => Assert.Equal(
        ["index", "question", "A", "B", "C", "D", "prediction", "split", "x"],
        Write("index\tquestion\thint\tA\timage\tB\tcategory\tC\tD\tsource\tl2-category\tcomment\tsplit\tx\n")[0]
            .Select(cell => cell.Value));

    [Fact]
    public void Write_Twice_GivesTheSameBytes() => Assert.Equal(
        MmBenchUpload.Write(
            EvaluationData.File("mmbench", "mmbench_dev.tsv"), EvaluationData.File("mmbench", "answers.jsonl")),
        MmBenchUpload.Write(
            EvaluationData.File("mmbench", "mmbench_dev.tsv"), EvaluationData.File("mmbench", "answers.jsonl")));

    [Theory]
    [InlineData(Names + "1\tq\n", "{\"question_id\": 1, \"text\": \"\\u0001\"}", "answers.jsonl: line 1: a text has a")]
    [InlineData(Names + "1\tq\u0001\n", "{\"question_id\": 1, \"text\": \"a\"}", "questions.tsv: line 2: a text has a")]
    [InlineData("q\u0001\t" + Names + "1\tq\n", "{\"question_id\": 1, \"text\": \"a\"}", "questions.tsv: a text has a")]
    [InlineData(Names + "1\tq\n", "{\"question_id\": 1}", "answers.jsonl: line 1: the field 'text' is missing")]
    [InlineData("index\tA\n1\tq\n", "{\"question_id\": 1, \"text\": \"a\"}", "questions.tsv has 2 columns")]
    public void Write_BadFile_NamesThePlace(string questions, string answer, string expected) => Assert.Contains(
        expected,
        Assert.Throws<IOException>(() => Write(questions, answer)).Message,
        StringComparison.Ordinal);

    private static string? Value(JsonElement cell) => cell.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Number => cell.GetRawText(),
        _ => cell.GetString(),
    };

    private static (string Type, string? Value)[][] Write(string questions, params string[] answers)
    {
        using TemporaryFolder folder = new();
        return SheetReader.Read(MmBenchUpload.Write(
            folder.Write("questions.tsv", Encoding.UTF8.GetBytes(questions)),
            folder.Write("answers.jsonl", Encoding.UTF8.GetBytes(string.Join('\n', answers)))));
    }
}
