using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation;

/// <summary>A benchmark: what is asked, with which settings, how answers are written and how they are scored.</summary>
/// <param name="name">The name on the command line.</param>
/// <param name="title">The name in tables.</param>
/// <param name="description">What the benchmark measures, in a few words.</param>
internal abstract class Benchmark(string name, string title, string description)
{
    /// <summary>The name on the command line.</summary>
    public string Name { get; } = name;

    /// <summary>The name in tables; the zoo's published scores go by it.</summary>
    public string Title { get; } = title;

    /// <summary>What the benchmark measures, in a few words.</summary>
    public string Description { get; } = description;

    /// <summary>The official names of its folder; the first of these that is there counts.</summary>
    public IReadOnlyList<string> FolderNames { get; protected init; } = [name];

    /// <summary>The files of the data folder.</summary>
    public IReadOnlyList<DataFile> Files { get; protected init; } = [];

    /// <summary>
    /// The folder of the pictures among <see cref="Files"/>; <c>null</c> if questions bring their own.
    /// </summary>
    public DataFile? ImageFolder { get; protected init; }

    /// <summary>
    /// Whether the official script pads pictures as they are encoded, which costs those with a palette their colours.
    /// </summary>
    public bool PadsUnconverted { get; protected init; }

    /// <summary>The settings of the official script.</summary>
    public GenerationOptions Generation { get; protected init; } = new() { MaxNewTokens = 128 };

    /// <summary>The fields of an answer line that hold the model's texts, one for each question of an item.</summary>
    public IReadOnlyList<string> AnswerFields { get; protected init; } = ["text"];

    /// <summary>Makes sure that the programs are installed with which pictures are read, if there are any.</summary>
    /// <exception cref="IOException">One is not.</exception>
    public virtual void RequirePrograms()
    {
    }

    /// <summary>
    /// Reads the questions in their order, and tells the data what else was found: notes, and entries that are no item.
    /// </summary>
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
