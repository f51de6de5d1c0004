using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation;

/// <summary>A benchmark: what is asked, with which settings, how answers are written and how they are scored.</summary>
internal abstract class Benchmark
{
    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>The name of its folder in the official instructions.</summary>
    public virtual string FolderName => Name;

    /// <summary>The name in tables; the zoo's published scores go by it.</summary>
    public abstract string Title { get; }

    /// <summary>What the benchmark measures, in a few words.</summary>
    public abstract string Description { get; }

    /// <summary>The files of the data folder.</summary>
    public abstract IReadOnlyList<DataFile> Files { get; }

    /// <summary>
    /// The folder of the pictures among <see cref="Files"/>; <c>null</c> if questions bring their own.
    /// </summary>
    public virtual DataFile? ImageFolder => null;

    /// <summary>The settings of the official script.</summary>
    public virtual GenerationOptions Generation { get; } = new() { MaxNewTokens = 128 };

    /// <summary>The field of an answer line that holds the model's text.</summary>
    public virtual string AnswerField => "text";

    /// <summary>Reads the questions in their order.</summary>
    /// <exception cref="IOException">A file is missing or not as expected.</exception>
    public abstract IReadOnlyList<EvaluationItem> Read(BenchmarkData data);

    /// <summary>What the official script keeps of the model's text.</summary>
    public virtual string Clean(string text) => PythonText.Strip(text);

    /// <summary>
    /// Starts an answer file: what writes the lines, which is given every answer once and in the order of the
    /// questions.
    /// </summary>
    public virtual IAnswerLines StartLines() => new ModelVqaLines();

    /// <summary>Scores a complete answer file.</summary>
    /// <exception cref="IOException">A file cannot be read or is not as expected.</exception>
    public abstract EvaluationScore Score(BenchmarkData data, string answerFile);
}
