using System.Text.Json;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Reporting;
using DenseConnector.Cli.Evaluation.Running;

namespace DenseConnector.Cli.Tests.Evaluation.Reporting;

/// <summary>The output folder of a run that went well, gone after the test.</summary>
internal sealed class ReportFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory().FullName;

    public RunRecord Run { get; init; } = new(
        "textvqa",
        "dense-connector-v1.5-7b",
        "vicuna_v1",
        Precision.Float32,
        Quantization.None,
        MaxNewTokens: 128,
        Temperature: 0,
        TopP: 1,
        Beams: 1,
        Seed: null,
        ScoresChoices: false,
        IsOfficial: true);

    public ScoreRecord Score { get; init; } = new("textvqa", "TextVQA", 200, 200, 0, 61.5)
    {
        Metric = "accuracy",
        Value = 62.25,
        Report = "Accuracy: 62.25%\n",
        Groups = [new ScoreGroup("subject", "cats & dogs", 50, 20), new ScoreGroup("subject", "signs", 75.5, 180)],
    };

    public IReadOnlyList<ItemRecord> Items { get; init; } = [];

    public ReportRow Row => ReportRow.Of(new ReportRun(Path, Run, Score));

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes what the run leaves.</summary>
    public ReportRun Write()
    {
        Run.Keep(Path);
        Score.Write(Path);
        File.WriteAllLines(
            PathOf(ItemRecord.FileName), Items.Select(item => JsonSerializer.Serialize(item, ToolJson.Line)));
        return ReportRun.Read(Path);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
