using DenseConnector.Cli.Evaluation.Running;

namespace DenseConnector.Cli.Evaluation.Reporting;

/// <summary>A run that is reported: the records of its output folder.</summary>
/// <param name="Folder">The folder as the user named it.</param>
/// <param name="Run">What was run.</param>
/// <param name="Score">What came of it.</param>
internal sealed record ReportRun(string Folder, RunRecord Run, ScoreRecord Score)
{
    /// <summary>The run for people.</summary>
    public string Title => $"{Score.Title}, {Run.ModelName} ({FolderName})";

    private string FolderName => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));

    /// <summary>Reads a folder's records.</summary>
    /// <exception cref="IOException">One is missing or cannot be read, or they are not of one run.</exception>
    public static ReportRun Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new IOException($"'{folder}' is no folder: expected the output folder of 'eval'.");
        }

        RunRecord run = RunRecord.Read(folder) ?? throw new IOException(
            $"'{folder}' holds no '{RunRecord.FileName}': expected the output folder of 'eval'.");
        ScoreRecord score = ScoreRecord.Read(folder);
        if (run is { Benchmark: null } or { Model: null } or { PromptTemplate: null })
        {
            throw Lacks(folder, RunRecord.FileName, "the benchmark, the model or the prompt template");
        }

        if (score is { Benchmark: null } or { Title: null } or { Groups: null } ||
            score.Groups.Any(group => group is null or { Kind: null } or { Name: null }))
        {
            throw Lacks(folder, ScoreRecord.FileName, "the benchmark, its title or the names of its groups");
        }

        return run.Benchmark == score.Benchmark ? new ReportRun(folder, run, score) : throw new IOException(
            $"'{folder}' holds a run of '{run.Benchmark}' and scores of '{score.Benchmark}': run the benchmark again " +
            "into a new folder.");
    }

    private static IOException Lacks(string folder, string file, string what) => new(
        $"{Path.Combine(folder, file)} does not say {what}: run the benchmark again into a new folder.");
}
