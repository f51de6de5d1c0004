using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Mmmu;

/// <summary>MMMU: college questions of thirty subjects; answers without a letter are guessed.</summary>
internal sealed class MmmuBenchmark : Benchmark
{
    private const string Origin = "the MMMU dataset of the hub, validation split";
    private const string Choice = "multiple-choice";

    private static readonly DataFile Questions = new("questions", Origin, "validation.jsonl");
    private static readonly DataFile Pictures = new("pictures", Origin, "images");

    /// <summary>Makes the benchmark.</summary>
    public MmmuBenchmark()
        : base("mmmu", "MMMU", "college questions of thirty subjects")
    {
        Files = [Questions, Pictures];
        ImageFolder = Pictures;
        Generation = new GenerationOptions { Temperature = 1, Beams = 5, MaxNewTokens = 128 };
        AnswerFields = ["response"];
    }

    /// <inheritdoc/>
    public override string Clean(string text) => text.Trim('\n');

    /// <summary>Reads the questions; of several pictures the first is shown, as officially.</summary>
    /// <exception cref="IOException">A file is missing or not as expected.</exception>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data) =>
        [.. JsonData.ReadLines(data.Find(Questions)).Select(row =>
        {
            MmmuQuestion question = Question(row);
            string? image = row.OptionalText("image_1");
            return new EvaluationItem
            {
                Identity = new JsonObject { ["id"] = question.Id },
                Questions = [MmmuPrompt.For(question)],
                Visual = image is null ? null : new PictureFile(Path.Combine(data.Images, image)),
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
        foreach (JsonRecord row in JsonData.ReadLines(data.Find(Questions)))
        {
            questions[row.Text("id")] = Question(row);
        }

        (MmmuQuestion Question, Verdict Verdict)[] judged = [.. JsonData.ReadLines(answerFile).Select(answer =>
        {
            MmmuQuestion question = questions.GetValueOrDefault(answer.Text("id")) ?? throw new IOException(
                $"{answer.Where}: there is no question '{answer.Text("id")}' in {data.Find(Questions)}.");
            return (question, question.IsMultipleChoice
                ? question.JudgeChoice(answer.Text("parsed_pred"))
                : question.JudgeOpen(answer.Text("response")));
        })];
        MmmuScore all = MmmuScore.Of([.. judged.Select(answer => answer.Verdict.Score > 0)]);
        Dictionary<string, MmmuScore> subjects = judged.GroupBy(answer => answer.Question.Subject).ToDictionary(
            subject => subject.Key, subject => MmmuScore.Of([.. subject.Select(answer => answer.Verdict.Score > 0)]));
        return new EvaluationScore(
            $"{{'acc': {PythonNumber.Repr(all.Accuracy)}, 'num_example': {all.Count}}}\n")
        {
            Value = 100 * all.Accuracy,
            Verdicts = judged.ToDictionary(answer => answer.Question.Id, answer => answer.Verdict),
            Groups = [.. MmmuTable.Rows(subjects).Where(row => row.Score.Count > 0).Select(Group)],
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
                line["parsed_pred"] = new JsonArray([.. MmmuOpenAnswer.Read(text).Select(Value)]);
            }

            return line;
        }

        // What is no finite number has no form in JSON, so its name is written, to be read again.
        private static JsonNode? Value(MmmuValue value) => value.Text is null && double.IsFinite(value.Number)
            ? JsonValue.Create(value.Number)
            : JsonValue.Create(value.Text ?? PythonNumber.Repr(value.Number));
    }
}
