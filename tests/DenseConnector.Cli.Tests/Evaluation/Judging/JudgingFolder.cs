using DenseConnector.Cli.Evaluation.Judging;

namespace DenseConnector.Cli.Tests.Evaluation.Judging;

/// <summary>A folder with a file of judgements, gone after the test.</summary>
internal sealed class JudgingFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public string File => Path.Combine(_folder, "judgements.jsonl");

    /// <summary>Writes another file and gives its path.</summary>
    public string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Asks a judge for everything, one item after the other.</summary>
    public async Task<IReadOnlyList<JudgedItem>> AskAsync(
        ScriptedJudge judge, IEnumerable<JudgeTask> tasks, int concurrency = 1)
    {
        using JudgementFile file = JudgementFile.Open(File);
        return await new Judge(judge, concurrency).AskAsync(tasks, file);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
