using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Mmmu;

/// <summary>MMMU: college questions of thirty subjects; answers without a letter are guessed.</summary>
internal sealed class MmmuBenchmark : Benchmark
{
    private const string Choice = "multiple-choice";

    /// <summary>Makes the benchmark.</summary>
    public MmmuBenchmark()
        : base("mmmu", "MMMU", "college questions of thirty subjects")
    {
        FolderNames = ["MMMU", "mmmu"];
        Files = [MmmuData.Questions, MmmuData.Pictures];
        ImageFolder = MmmuData.Pictures;
        Generation = new GenerationOptions { Temperature = 1, Beams = 5, MaxNewTokens = 128 };
        AnswerFields = ["response"];
    }

    /// <inheritdoc/>
    public override string Clean(string text) => text.Trim('\n');

    /// <summary>Reads the questions; of several pictures the first is shown, as officially.</summary>
    /// <exception cref="IOException">A file is missing or not as expected.</exception>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data) =>
        [.. MmmuData.Read(data).Select(item =>
        {
            (JsonRecord row, VisualSource? picture) = item;
            MmmuQuestion question = Question(row);
            return new EvaluationItem
            {
                Identity = new JsonObject { ["id"] = question.Id },
                Questions = [MmmuPrompt.For(question)],
                Visual = picture,
                Choices = [.. question.Options.Select((_, i) => MmmuQuestion.Letter(i))],
                Judge = question.Judge,
                Detail = (question, JsonNode.Parse(row.Value.GetProperty("answer").GetRawText())!),
            };
        })];

    /// <inheritdoc/>
    public override IAnswerLines StartLines() => new Lines();

    /// <inheritdoc/>
    public override EvaluationScore Score(BenchmarkData data, string answerFile)
    {
        Dictionary<string, MmmuQuestion> questions = [];
        foreach ((JsonRecord row, _) in MmmuData.Read(data))
        {
            questions[row.Text("id")] = Question(row);
        }

        (MmmuQuestion Question, string Response, Verdict Verdict)[] judged =
            [.. JsonData.ReadLines(answerFile).Select(answer =>
            {
                MmmuQuestion question = questions.GetValueOrDefault(answer.Text("id")) ?? throw new IOException(
                    $"{answer.Where}: there is no question '{answer.Text("id")}' in " +
                    $"{data.Find(MmmuData.Questions)}.");
                string response = answer.Text("response");
                return (question, response, question.IsMultipleChoice
                    ? question.JudgeChoice(answer.Text("parsed_pred"))
                    : question.JudgeOpen(response));
            })];
        MmmuScore all = MmmuScore.Of([.. judged.Select(answer => answer.Verdict.Score > 0)]);
        Dictionary<string, MmmuScore> subjects = judged.GroupBy(answer => answer.Question.Subject).ToDictionary(
            subject => subject.Key, subject => MmmuScore.Of([.. subject.Select(answer => answer.Verdict.Score > 0)]));
        MmmuParsing parsing = new(judged.Select(answer => (answer.Question, answer.Response)));
        return new EvaluationScore(
            $"{{'acc': {PythonNumber.Repr(all.Accuracy)}, 'num_example': {all.Count}}}\n")
        {
            Value = 100 * all.Accuracy,
            Verdicts = judged.ToDictionary(answer => answer.Question.Id, answer => answer.Verdict),
            Groups = [.. MmmuTable.Rows(subjects).Where(row => row.Score.Count > 0).Select(Group)],
            Files =
            [
                new OutputFile("mmmu_parse_and_eval.txt", parsing.Report),
                new OutputFile("mmmu_parsed.json", parsing.WriteParsed()),
                new OutputFile("mmmu_subjects.json", parsing.WriteScores()),
            ],
        };
    }

    private static ScoreGroup Group((string Name, MmmuScore Score) row) => new(
        row.Name.StartsWith("Overall", StringComparison.Ordinal) ? "domain" : "subject",
        row.Name,
        100 * row.Score.Accuracy,
        row.Score.Count);

    private static MmmuQuestion Question(JsonRecord row)
    {
        try
        {
            return new MmmuQuestion(
                row.Text("id"),
                row.Text("question"),
                MmmuQuestion.ReadOptions(row.Text("options")),
                row.Text("question_type") == Choice,
                row.Value.TryGetProperty("answer", out JsonElement answer) && answer.ValueKind == JsonValueKind.Array
                    ? row.Texts("answer")
                    : [row.Text("answer")]);
        }
        catch (FormatException e)
        {
            throw new IOException($"{row.Where}: {e.Message}", e);
        }
    }

    /// <summary>The lines of a file, which share one source of guesses.</summary>
    private sealed class Lines : IAnswerLines
    {
        private readonly PythonRandom _guesses = new(MmmuChoice.Seed);

        public JsonObject Write(EvaluationItem item, IReadOnlyList<string> texts, string answerId, string model)
        {
            string text = texts[0];
            (MmmuQuestion question, JsonNode answer) = ((MmmuQuestion, JsonNode))item.Detail!;
            JsonObject line = new()
            {
                ["id"] = question.Id,
                ["question_type"] = question.IsMultipleChoice ? Choice : "open",
                ["answer"] = answer.DeepClone(),
                ["response"] = text,
            };
            if (question.IsMultipleChoice)
            {
                line["parsed_pred"] = MmmuChoice.Read(text, question.Options, _guesses);
                line["index2ans"] = new JsonObject(question.Options.Select((option, i) =>
                    KeyValuePair.Create(MmmuQuestion.Letter(i), (JsonNode?)option)));
            }
            else
            {
                line["parsed_pred"] = new JsonArray([.. MmmuOpenAnswer.Read(text).Select(value => value.Write())]);
            }

            return line;
        }
    }
}
