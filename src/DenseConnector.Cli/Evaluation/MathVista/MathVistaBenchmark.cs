using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Evaluation.MathVista;

/// <summary>MathVista: mathematical reasoning about pictures; a judge extracts the answers.</summary>
internal sealed class MathVistaBenchmark : JudgedBenchmark
{
    private const string Pid = "pid";

    /// <summary>Makes the benchmark.</summary>
    public MathVistaBenchmark()
        : base("mathvista", "MathVista", "mathematical reasoning; needs a judge", MathVistaJudge.Model)
    {
        FolderNames = ["MathVista", "mathvista"];
        Files = [MathVistaData.Questions, MathVistaData.Pictures];
        ImageFolder = MathVistaData.Pictures;
        PadsUnconverted = true;
        Generation = new GenerationOptions { MaxNewTokens = 1024 };
        AnswerFields = ["response"];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<EvaluationItem> Read(BenchmarkData data) =>
        [.. MathVistaData.Read(data).Select(Item)];

    /// <inheritdoc/>
    public override IAnswerLines StartLines() => new Lines();

    /// <summary>How many answers are extracted by rule, before a judge has extracted the others.</summary>
    public override EvaluationScore Score(BenchmarkData data, string answerFile)
    {
        int all = JsonData.ReadLines(answerFile).DistinctBy(answer => answer.Key(Pid)).Count();
        int open = new MathVistaExtracted(answerFile).Tasks.Count;
        return new EvaluationScore(
            $"{all - open} of {all} answers are extracted by rule, {open} need a judge before they are scored.\n");
    }

    /// <inheritdoc/>
    public override JudgingPlan Judge(BenchmarkData data, string answerFile, string judgeModel)
    {
        MathVistaExtracted extracted = new(answerFile, model: judgeModel);
        return new JudgingPlan(extracted.Tasks, judged => Score(extracted.Write(judged)));
    }

    private static EvaluationScore Score(string extracted)
    {
        const string ExtractedFile = "extracted.json";
        MathVistaScorer scorer = new(JsonData.Parse(ExtractedFile, extracted));
        MathVistaScore average = MathVistaScores.Average(scorer.Results);
        return new EvaluationScore(
            $"Correct: {average.Correct}, Total: {average.Total}, Accuracy: {average.Accuracy}%\n")
        {
            Value = Percent(average),
            Groups = [.. MathVistaItem.Kinds.SelectMany(kind => MathVistaScores.Of(scorer.Results, kind).Select(
                row => new ScoreGroup(kind, row.Group, Percent(row.Score), row.Score.Total)))],
            Verdicts = scorer.Verdicts,
            Files =
            [
                new OutputFile(ExtractedFile, extracted),
                new OutputFile("mathvista_items.json", scorer.WriteItems()),
                new OutputFile("mathvista_scores.json", scorer.WriteScores()),
            ],
        };
    }

    private static double Percent(MathVistaScore score) =>
        double.Parse(score.Accuracy, CultureInfo.InvariantCulture);

    private static EvaluationItem Item((JsonRecord Fields, VisualSource? Picture) row)
    {
        JsonRecord fields = row.Fields;
        MathVistaItem item = new(fields);
        return new EvaluationItem
        {
            Identity = new JsonObject { [Pid] = fields.Text(Pid) },
            Questions = [Ask(item)],
            Visual = row.Picture,
            Detail = fields,
            Judge = answer => item.Extract(answer) is string extraction
                ? item.Weigh(JsonSerializer.SerializeToElement(extraction))
                : null,
        };
    }

    private static string Ask(MathVistaItem item)
    {
        try
        {
            return MathVistaPrompt.For(item.Question, item.IsMultipleChoice);
        }
        catch (ArgumentException e)
        {
            throw new IOException($"{item.Fields.Where}: {e.Message}", e);
        }
    }

    private sealed class Lines : IAnswerLines
    {
        public JsonObject Write(EvaluationItem item, IReadOnlyList<string> texts, string answerId, string model)
        {
            JsonObject line = JsonObject.Create(((JsonRecord)item.Detail!).Value)!;
            line["query"] = item.Questions[0];
            line["response"] = texts[0];
            return line;
        }
    }
}
