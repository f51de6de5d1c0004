using System.Text.Json;
using System.Text.Json.Serialization;

namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>
/// What an answer file's answers depend on, beside the questions: kept in the output folder, so that a run goes on with
/// nothing else, and reports can say what was run.
/// </summary>
/// <param name="Benchmark">The benchmark's name.</param>
/// <param name="Model">The model as it was named to be loaded.</param>
/// <param name="PromptTemplate">The prompt template.</param>
/// <param name="Precision">The number format it was computed in.</param>
/// <param name="Quantization">The format of its matrices.</param>
/// <param name="MaxNewTokens">The most tokens of an answer.</param>
/// <param name="Temperature">0 for greedy answers.</param>
/// <param name="TopP">The probability among which tokens were drawn.</param>
/// <param name="Beams">Answers followed at once.</param>
/// <param name="Seed">The seed of drawn answers.</param>
/// <param name="ScoresChoices">Whether the likeliest choice was taken for the answer, where there are choices.</param>
/// <param name="IsOfficial">Whether these are the settings of the official script.</param>
internal sealed record RunRecord(
    string Benchmark,
    string Model,
    string PromptTemplate,
    Precision Precision,
    Quantization Quantization,
    int MaxNewTokens,
    float Temperature,
    float TopP,
    int Beams,
    long? Seed,
    bool ScoresChoices,
    bool IsOfficial)
{
    /// <summary>The name of its file in the output folder.</summary>
    public const string FileName = "run.json";

    /// <summary>What answer lines and tables call the model.</summary>
    [JsonIgnore]
    public string ModelName => ModelId.Of(Model);

    /// <summary>Describes a run.</summary>
    public static RunRecord Of(
        Benchmark benchmark, ModelInfo model, GenerationOptions generation, bool scoresChoices) => new(
        benchmark.Name,
        model.Name,
        model.PromptTemplate,
        model.Precision,
        model.Quantization,
        generation.MaxNewTokens,
        generation.Temperature,
        generation.TopP,
        generation.Beams,
        generation.Seed,
        scoresChoices,
        generation == benchmark.Generation && !scoresChoices);

    /// <summary>Reads the record of a folder; <c>null</c> if there is none.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static RunRecord? Read(string folder)
    {
        string file = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(file)
                ? JsonSerializer.Deserialize<RunRecord>(File.ReadAllText(file), ToolJson.Options)
                : null;
        }
        catch (JsonException e)
        {
            throw new IOException($"{file} is no record of a run: {e.Message}", e);
        }
    }

    /// <summary>Writes the record, or checks that the folder's is the same.</summary>
    /// <exception cref="IOException">The folder is of another run.</exception>
    public void Keep(string folder)
    {
        if (Read(folder) is not RunRecord other)
        {
            // Runs of several chunks may begin together: each sees a whole file or none.
            string file = Path.Combine(folder, FileName);
            string whole = Path.Combine(folder, $"{FileName}.{Environment.ProcessId}");
            File.WriteAllText(whole, JsonSerializer.Serialize(this, ToolJson.Options) + "\n");
            File.Move(whole, file, overwrite: true);
        }
        else if (other != this)
        {
            throw new IOException(
                $"'{folder}' holds a run of other settings: {other.Describe()}; this one is {Describe()}. Name a new " +
                "output folder, or take the same settings.");
        }
    }

    /// <summary>The settings on one line.</summary>
    public string Describe() => FormattableString.Invariant(
        $"{Benchmark}, {Model} ({PromptTemplate}, {Precision}, {Quantization}), {DescribeGeneration()}");

    /// <summary>How answers were made, on one line.</summary>
    public string DescribeGeneration() =>
        (ScoresChoices ? "likeliest choice, else " : string.Empty) +
        (Temperature == 0 ? "greedy" : FormattableString.Invariant($"temperature {Temperature}, top-p {TopP}")) +
        (Beams == 1 ? string.Empty : FormattableString.Invariant($", {Beams} beams")) +
        FormattableString.Invariant($", at most {MaxNewTokens} tokens") +
        (Seed is null ? string.Empty : FormattableString.Invariant($", seed {Seed}"));
}
