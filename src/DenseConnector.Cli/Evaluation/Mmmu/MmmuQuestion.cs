using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Mmmu;

/// <summary>A question of MMMU.</summary>
/// <param name="Id">The split, the subject and a number, as in <c>validation_Art_Theory_2</c>.</param>
/// <param name="Question">The question itself.</param>
/// <param name="Options">What there is to choose from; empty for an open question.</param>
/// <param name="IsMultipleChoice">Whether the answer is the letter of an option.</param>
/// <param name="Answers">The answers that count as right.</param>
internal sealed record MmmuQuestion(
    string Id, string Question, IReadOnlyList<string> Options, bool IsMultipleChoice, IReadOnlyList<string> Answers)
{
    private string Expected => string.Join(" | ", Answers);

    /// <summary>The subject, which the id names.</summary>
    public string Subject => SubjectOf(Id);

    /// <summary>The subject that the id of a question names: what stands between the split and the number.</summary>
    public static string SubjectOf(string id) => string.Join('_', id.Split('_').Skip(1).SkipLast(1));

    /// <summary>
    /// What an answer is worth; <c>null</c> for one that names no option, which is guessed when its line is written.
    /// </summary>
    public Verdict? Judge(string response) => !IsMultipleChoice ? JudgeOpen(response)
        : MmmuChoice.Find(response, Options) is string letter ? JudgeChoice(letter)
        : null;

    /// <summary>What the choice of a letter is worth.</summary>
    public Verdict JudgeChoice(string letter) =>
        new(MmmuJudge.IsChoiceRight(letter, Answers) ? 1 : 0, letter, Expected);

    /// <summary>What an answer to an open question is worth.</summary>
    public Verdict JudgeOpen(string response)
    {
        IReadOnlyList<MmmuValue> values = MmmuOpenAnswer.Read(response);
        return new Verdict(
            MmmuJudge.IsOpenRight(values, Answers) ? 1 : 0,
            string.Join(" | ", values.Select(value => value.Text ?? PythonNumber.Repr(value.Number))),
            Expected);
    }

    /// <summary>Reads the options, which the data holds as a Python list in a text.</summary>
    /// <exception cref="FormatException">It is no list of texts.</exception>
    public static IReadOnlyList<string> ReadOptions(string text) =>
        PythonLiteral.Parse(text) is IReadOnlyList<object?> items && items.All(item => item is string)
            ? [.. items.Cast<string>()]
            : throw new FormatException($"'{text}' holds no options: expected a Python list of texts.");

    /// <summary>The letter of an option.</summary>
    public static string Letter(int option) => ((char)('A' + option)).ToString();
}
