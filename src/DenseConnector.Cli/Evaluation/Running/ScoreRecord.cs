using System.Text.Json;

namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>The result of a run, as it is kept in the output folder.</summary>
/// <param name="Benchmark">The benchmark's name.</param>
/// <param name="Title">Its name in tables.</param>
/// <param name="Questions">How many questions it has.</param>
/// <param name="Answered">How many have an answer.</param>
/// <param name="Failed">How many were asked and failed in the latest run.</param>
/// <param name="RunningScore">The mean verdict on the answers in percent; <c>null</c> without verdicts.</param>
internal sealed record ScoreRecord(
    string Benchmark, string Title, int Questions, int Answered, int Failed, double? RunningScore)
{
    /// <summary>What <see cref="Value"/> is.</summary>
    public string? Metric { get; init; }

    /// <summary>
    /// The official score; <c>null</c> while questions have no answer, and where others score an uploaded file.
    /// </summary>
    public double? Value { get; init; }

    /// <summary>The lines that the official script prints; <c>null</c> while questions have no answer.</summary>
    public string? Report { get; init; }

    /// <summary>The scores of parts.</summary>
    public IReadOnlyList<ScoreGroup> Groups { get; init; } = [];

    /// <summary>The models that say they judged the answers.</summary>
    public IReadOnlyList<string> Judges { get; init; } = [];

    /// <summary>Whether all questions have an answer, so that the official score exists.</summary>
    public bool IsComplete => Answered == Questions;

    /// <summary>The name of its file in the output folder.</summary>
    public const string FileName = "scores.json";

    /// <summary>Writes the record into a folder.</summary>
    public void Write(string folder) =>
        File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, ToolJson.Options) + "\n");

    /// <summary>Reads the record of a folder.</summary>
    /// <exception cref="IOException">There is none, or it cannot be read.</exception>
    public static ScoreRecord Read(string folder)
    {
        string file = Path.Combine(folder, FileName);
        if (!File.Exists(file))
        {
            throw new IOException($"'{folder}' holds no '{FileName}': expected the output folder of 'eval'.");
        }

        try
        {
            return JsonSerializer.Deserialize<ScoreRecord>(File.ReadAllText(file), ToolJson.Options) ??
                throw new IOException($"{file} holds nothing.");
        }
        catch (JsonException e)
        {
            throw new IOException($"{file} is no result of a run: {e.Message}", e);
        }
    }
}
