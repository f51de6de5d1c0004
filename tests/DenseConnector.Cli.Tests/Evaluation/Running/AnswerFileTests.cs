using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Running;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation.Running;

public sealed class AnswerFileTests : IDisposable
{
    private static readonly Benchmark Benchmark = new CountingBenchmark();
    private readonly TemporaryFolder _folder = new();

    private string Target => Path.Combine(_folder.Path, "answers.jsonl");

    [Fact]
    public void Append_Answers_AreOfficialLinesInOrder()
    {
        using (AnswerFile file = Open("a", "b"))
        {
            file.Append(0, ["one \"é\""]);
            file.Append(1, ["two"]);
        }

        string[] lines = File.ReadAllLines(Target);
        string start = """{"question_id": "a", "prompt": "ask a", "text": "one \"\u00e9\"", "answer_id": """;
        Assert.StartsWith(start, lines[0], StringComparison.Ordinal);
        Assert.Matches("""^"[2-9A-HJ-NP-Za-km-z]{22}", "model_id": "m", "metadata": \{\}""", lines[0][start.Length..]);
        Assert.Equal(2, lines.Length);
    }

    [Fact]
    public void Open_TornLastLine_IsCutOffAndAskedAgain()
    {
        using (AnswerFile file = Open("a", "b"))
        {
            file.Append(0, ["one"]);
            file.Append(1, ["two"]);
        }

        byte[] whole = File.ReadAllBytes(Target);
        File.WriteAllBytes(Target, whole[..^5]);
        using (AnswerFile file = Open("a", "b"))
        {
            Assert.Equal(1, file.Next);
            file.Append(1, ["two"]);
        }

        Assert.Equal(whole, File.ReadAllBytes(Target));
    }

    [Fact]
    public void Fill_Gap_PutsTheLineInPlace()
    {
        using (AnswerFile file = Open("a", "b", "c"))
        {
            file.Append(0, ["1"]);
            file.Append(2, ["3"]);
        }

        using (AnswerFile file = Open("a", "b", "c", "d"))
        {
            Assert.Equal([1], file.Gaps);
            Assert.Equal(3, file.Next);
            file.Fill(new Dictionary<int, IReadOnlyList<string>> { [1] = ["2"] });
            file.Append(3, ["4"]);
        }

        Assert.Equal(["1", "2", "3", "4"], Field("text"));
        Assert.Equal([Target], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Fill_LinesThatCount_AreCountedAnew()
    {
        using (AnswerFile file = Open("a", "b", "c"))
        {
            file.Append(0, ["1"]);
            file.Append(2, ["3"]);
        }

        using (AnswerFile file = Open("a", "b", "c"))
        {
            file.Fill(new Dictionary<int, IReadOnlyList<string>> { [1] = ["2"] });
        }

        Assert.Equal(["1", "2", "3"], Field("nth"));
    }

    [Fact]
    public void Open_LinesThatCount_AreCountedOn()
    {
        using (AnswerFile file = Open("a", "b"))
        {
            file.Append(0, ["1"]);
        }

        using (AnswerFile file = Open("a", "b"))
        {
            file.Append(1, ["2"]);
        }

        Assert.Equal(["1", "2"], Field("nth"));
    }

    [Theory]
    [InlineData("""{"question_id": "x", "prompt": "ask x", "text": "1"}""")]
    [InlineData("""{"question_id": "a", "prompt": "something else", "text": "1"}""")]
    public void Open_FileOfOtherQuestions_IsLeftAsItIs(string line)
    {
        File.WriteAllText(Target, line + "\n");
        IOException error = Assert.Throws<IOException>(() => Open("a", "b"));
        Assert.Contains("line 1 answers none of the questions", error.Message, StringComparison.Ordinal);
        Assert.Equal(line + "\n", File.ReadAllText(Target));
    }

    [Fact]
    public void Open_TwiceAtOnce_IsRefused()
    {
        using AnswerFile file = Open("a");
        Assert.Throws<IOException>(() => Open("a"));
    }

    [Fact]
    public void ReadTexts_OfOtherTools_NeedsOnlyWhatIdentifies()
    {
        File.WriteAllText(Target, """{"prompt": "ask b", "question_id": "b", "text": "2", "model_id": "other"}""");
        KeyValuePair<int, IReadOnlyList<string>> answer = Assert.Single(
            AnswerFile.ReadTexts(Target, Benchmark, Items("a", "b")));
        Assert.Equal(1, answer.Key);
        Assert.Equal(["2"], answer.Value);
    }

    public void Dispose() => _folder.Dispose();

    private static EvaluationItem[] Items(params string[] names) => [.. names.Select(name => new EvaluationItem
    {
        Identity = new JsonObject { ["question_id"] = name, ["prompt"] = $"ask {name}" },
        Questions = [$"ask {name}"],
    })];

    private IEnumerable<string> Field(string name) =>
        File.ReadLines(Target).Select(line => JsonNode.Parse(line)![name]!.ToString());

    private AnswerFile Open(params string[] names) => new(Target, Benchmark, Items(names), 0, "m");

    /// <summary>A benchmark whose lines depend on those before them, as those of MMMU do.</summary>
    private sealed class CountingBenchmark() : Benchmark("counting", "Counting", "for tests")
    {
        public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data) => [];

        public override IAnswerLines StartLines() => new Lines();

        public override EvaluationScore Score(BenchmarkData data, string answerFile) => new(string.Empty);

        private sealed class Lines : IAnswerLines
        {
            private int _count;

            public JsonObject Write(EvaluationItem item, IReadOnlyList<string> texts, string answerId, string model)
            {
                JsonObject line = new ModelVqaLines().Write(item, texts, answerId, model);
                line["nth"] = ++_count;
                return line;
            }
        }
    }
}
