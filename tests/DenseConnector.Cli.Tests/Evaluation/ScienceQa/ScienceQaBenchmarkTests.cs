using System.Text.Json;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Python;
using DenseConnector.Cli.Evaluation.ScienceQa;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation.ScienceQa;

[Trait("Suite", "Evaluation")]
public sealed class ScienceQaBenchmarkTests
{
    private readonly ScienceQaBenchmark _benchmark = new();

    [Fact]
    public void Read_EveryQuestion_AsksTheRecordedPromptAndShowsItsPicture()
    {
        IReadOnlyList<JsonElement> prompts = EvaluationData.Rows("scienceqa", "prompts.jsonl");
        IReadOnlyList<EvaluationItem> items = _benchmark.Read(Data());
        Assert.Equal(prompts.Count, items.Count);
        Assert.All(items.Zip(prompts), pair =>
        {
            bool hasImage = pair.Second.GetProperty("has_image").GetBoolean();
            Assert.Equal(hasImage, pair.First.Visual is not null);
            Assert.EndsWith(
                $" USER: {(hasImage ? "<image>\n" : string.Empty)}{pair.First.Questions[0]} ASSISTANT:",
                pair.Second.Text("prompt"),
                StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Read_WithoutTheQuestionFile_MakesTheQuestionsOfTheProblems()
    {
        using TemporaryFolder folder = new();
        foreach (string name in new[] { "problems.json", "pid_splits.json" })
        {
            folder.Write(name, File.ReadAllBytes(EvaluationData.File("scienceqa", name)));
        }

        BenchmarkData data = new(_benchmark, folder.Path, EvaluationData.Images);
        data.Require();

        // All problems of the split: the file leaves some out.
        Assert.Subset(
            _benchmark.Read(data).Select(item => item.Questions[0]).ToHashSet(),
            _benchmark.Read(Data()).Select(item => item.Questions[0]).ToHashSet());
    }

    [Fact]
    public void Score_RecordedAnswers_IsTheAccuracyWithPictures()
    {
        EvaluationScore score = _benchmark.Score(Data(), EvaluationData.File("scienceqa", "answers.jsonl"));
        Assert.Contains(
            $"IMG-Accuracy: {PythonNumber.Fixed(score.Value!.Value, 2)}%",
            EvaluationData.Value("scienceqa", "expected_total.json").Text("stdout"),
            StringComparison.Ordinal);
    }

    private BenchmarkData Data() => new(_benchmark, EvaluationData.Folder, EvaluationData.Folder);
}
