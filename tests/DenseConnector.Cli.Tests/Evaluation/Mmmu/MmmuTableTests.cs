using System.Text.Json;
using DenseConnector.Cli.Evaluation.Mmmu;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.Mmmu;

[Trait("Suite", "Evaluation")]
public sealed class MmmuTableTests
{
    private readonly Dictionary<string, string> _responses =
        EvaluationData.Rows("mmmu", "answers.jsonl").ToDictionary(
            row => row.GetProperty("id").GetString()!, row => row.GetProperty("response").GetString()!);

    [Fact]
    public void Run_AllQuestions_JudgesAsRecorded()
    {
        JsonElement expected = EvaluationData.Value("mmmu", "expected_eval.json");
        JsonElement score = expected.GetProperty("metric_dict");
        Dictionary<string, bool> right = Judge(MmmuGoldens.Questions);
        Assert.Equal(
            expected.EnumerateObject().Where(item => item.Name != "metric_dict")
                .ToDictionary(item => item.Name, item => item.Value.GetString() == "Correct"),
            right);
        Assert.Equal(Score(score, "num_example"), MmmuScore.Of(right.Values));
    }

    [Fact]
    public void Run_SubjectBySubject_JudgesAndScoresAsRecorded()
    {
        // Guesses are drawn in the order of the subjects.
        JsonElement expected = EvaluationData.Value("mmmu", "expected_per_subject.json");
        JsonElement judged = EvaluationData.Value("mmmu", "expected_parsed.json");
        string[] present = [.. MmmuTable.Subjects.Where(subject => expected.TryGetProperty(subject, out _))];
        Assert.Equal(present.Length, expected.EnumerateObject().Count());
        Dictionary<string, bool> right = Judge(
            present.SelectMany(subject => MmmuGoldens.Questions.Where(question => question.Subject == subject)));
        Assert.Equal(
            judged.EnumerateObject().ToDictionary(
                item => item.Name, item => item.Value.GetProperty("judge").GetString() == "Correct"),
            right);
        Assert.All(present, subject => Assert.Equal(
            Score(expected.GetProperty(subject), "num_example"),
            MmmuScore.Of([.. right
                .Where(item => MmmuQuestion.SubjectOf(item.Key) == subject)
                .Select(item => item.Value)])));
    }

    [Fact]
    public void Rows_ParsedAnswers_AreTheRecordedTable()
    {
        JsonElement answers = EvaluationData.Value("mmmu", "eval_only_answers.json");
        Dictionary<string, MmmuScore> scores = EvaluationData.Value("mmmu", "eval_only_input.json").EnumerateObject()
            .GroupBy(item => MmmuQuestion.SubjectOf(item.Name))
            .ToDictionary(
                subject => subject.Key,
                subject => MmmuScore.Of([.. subject.Select(item => IsRight(
                    item.Value.GetString()!, answers.GetProperty(item.Name)))]));
        Assert.Equal(
            EvaluationData.Value("mmmu", "expected_eval_only.json").EnumerateObject()
                .Select(row => (row.Name, Score(row.Value, "num"))),
            MmmuTable.Rows(scores));
    }

    [Theory]
    [InlineData("Overall-Art and Design", "Art", "Art_Theory", "Design", "Music")]
    [InlineData("Overall-Business", "Accounting", "Economics", "Finance", "Manage", "Marketing")]
    [InlineData("Overall-Science", "Biology", "Chemistry", "Geography", "Math", "Physics")]
    [InlineData(
        "Overall-Health and Medicine",
        "Basic_Medical_Science",
        "Clinical_Medicine",
        "Diagnostics_and_Laboratory_Medicine",
        "Pharmacy",
        "Public_Health")]
    [InlineData("Overall-Humanities and Social Science", "History", "Literature", "Sociology", "Psychology")]
    [InlineData(
        "Overall-Tech and Engineering",
        "Agriculture",
        "Architecture_and_Engineering",
        "Computer_Science",
        "Electronics",
        "Energy_and_Power",
        "Materials",
        "Mechanical_Engineering")]
    public void Rows_AllSubjects_StandBelowTheirDomain(string domain, params string[] expected)
    {
        string[] rows = [.. MmmuTable.Rows(MmmuTable.Subjects.ToDictionary(
            subject => subject, _ => new MmmuScore(1, 1))).Select(row => row.Name)];
        Assert.Equal(
            expected,
            rows.SkipWhile(row => row != domain).Skip(1)
                .TakeWhile(row => !row.StartsWith("Overall", StringComparison.Ordinal)));
    }

    [Fact]
    public void Rows_NoSubjects_AreZero() =>
        Assert.All(MmmuTable.Rows(new Dictionary<string, MmmuScore>()), row =>
            Assert.Equal(new MmmuScore(0, 0), row.Score));

    private static bool IsRight(string answer, JsonElement truth)
    {
        string[] right = MmmuGoldens.Answers(truth.GetProperty("ground_truth"));
        return truth.GetProperty("question_type").GetString() == "multiple-choice"
            ? MmmuJudge.IsChoiceRight(answer, right)
            : MmmuJudge.IsOpenRight(MmmuOpenAnswer.Read(answer), right);
    }

    private static MmmuScore Score(JsonElement row, string count) =>
        new(row.GetProperty(count).GetInt32(), row.GetProperty("acc").GetDouble());

    private Dictionary<string, bool> Judge(IEnumerable<MmmuQuestion> questions)
    {
        PythonRandom guesses = new(MmmuChoice.Seed);
        return questions.ToDictionary(question => question.Id, question => question.IsMultipleChoice
            ? MmmuJudge.IsChoiceRight(
                MmmuChoice.Read(_responses[question.Id], question.Options, guesses), question.Answers)
            : MmmuJudge.IsOpenRight(MmmuOpenAnswer.Read(_responses[question.Id]), question.Answers));
    }
}
