using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.ScienceQa;

/// <summary>ScienceQA: multiple choice from school science, with and without pictures.</summary>
internal sealed class ScienceQaBenchmark : Benchmark
{
    private const string Split = "test";
    private const string Picture = "<image>";
    private const string Instruction = "Answer with the option's letter from the given choices directly.";
    private const string Origin = "the ScienceQA repository, data/scienceqa";

    private static readonly DataFile Questions = new(
        "questions, which are made of the problems if it is missing", "LLaVA's eval.zip", "llava_test_CQM-A.json")
    {
        IsOptional = true,
    };

    private static readonly DataFile Splits = new("which problems are for the test", Origin, "pid_splits.json");
    private static readonly DataFile Problems = new("problems with answers", Origin, "problems.json");
    private static readonly DataFile Images = new("pictures", "test.zip of ScienceQA", "images/test");

    /// <summary>Makes the benchmark.</summary>
    public ScienceQaBenchmark()
        : base("scienceqa", "ScienceQA", "multiple choice from school science")
    {
        Files = [Questions, Splits, Problems, Images];
        ImageFolder = Images;
        Generation = new GenerationOptions { MaxNewTokens = 1024 };
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data)
    {
        JsonRecord problems = JsonData.Read(data.Find(Problems));
        (string where, string questions) = data.TryFind(Questions) is string file
            ? (file, File.ReadAllText(file))
            : (data.Find(Problems), ScienceQaConversion.Convert(
                data.Find(Problems), data.Find(Splits), Split).ToJsonString());

        // It is a list; as a field each of its questions says where it lies.
        JsonRecord list = JsonData.Parse(where, $"{{\"questions\": {questions}}}");
        return [.. list.List("questions").Select(question =>
            Item(question, problems.Object(question.Text("id")), data.Images))];
    }

    /// <inheritdoc/>
    public override EvaluationScore Score(BenchmarkData data, string answerFile)
    {
        IReadOnlyList<ScienceQaScore> scores =
            ScienceQaScorer.Score(data.Find(Problems), data.Find(Splits), Split, answerFile);
        ScienceQaScore[] withPicture = [.. scores.Where(score => score.HasImage)];
        ScienceQaScore[] withoutPicture = [.. scores.Where(score => !score.HasImage)];
        return new EvaluationScore(ScienceQaScorer.Report(scores))
        {
            Metric = "accuracy with pictures",
            Value = withPicture.Length == 0 ? null : Accuracy(withPicture),
            Groups = [.. new[] { ("all", scores), ("with a picture", withPicture), ("text only", withoutPicture) }
                .Where(part => part.Item2.Count > 0)
                .Select(part => new ScoreGroup("questions", part.Item1, Accuracy(part.Item2), part.Item2.Count))],
            Files =
            [
                new OutputFile("output.json", ScienceQaScorer.WriteAnswers(scores)),
                new OutputFile("result.json", ScienceQaScorer.WriteResults(scores)),
            ],
        };
    }

    private static double Accuracy(IReadOnlyList<ScienceQaScore> scores) =>
        100.0 * scores.Count(score => score.IsCorrect) / scores.Count;

    private static EvaluationItem Item(JsonRecord question, JsonRecord problem, string images)
    {
        string asked = question.List("conversations").FirstOrDefault()?.Text("value") ?? throw new IOException(
            $"{question.Where}: 'conversations' is empty, expected the question.");
        string text = PythonText.Strip(asked.Replace(Picture, string.Empty, StringComparison.Ordinal));
        text += $"\n{Instruction}";
        string? image = question.Value.TryGetProperty("image", out JsonElement _) ? question.Text("image") : null;
        int truth = problem.Number("answer");
        int choices = problem.Texts("choices").Count;
        string expected = truth >= 0 && truth < ScienceQaLetter.All.Length
            ? ScienceQaLetter.All.Substring(truth, 1)
            : throw new IOException($"{problem.Where}: 'answer' is {truth}, expected the number of a choice.");
        return new EvaluationItem
        {
            Identity = new JsonObject
            {
                ["question_id"] = question.Text("id"),
                ["prompt"] = image is null ? text : $"{Picture}\n{text}",
            },
            Questions = [text],
            Visual = image is null ? null : new UnconvertedPicture(Path.Combine(images, image)),
            Choices = [.. ScienceQaLetter.All.Take(choices).Select(letter => $"{letter}")],
            Judge = answer =>
            {
                string letter = ScienceQaLetter.Find(answer);
                return new Verdict(ScienceQaLetter.IndexOf(letter, choices) == truth ? 1 : 0, letter, expected);
            },
        };
    }
}
