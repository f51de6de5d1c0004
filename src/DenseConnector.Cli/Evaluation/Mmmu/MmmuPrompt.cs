namespace DenseConnector.Cli.Evaluation.Mmmu;

/// <summary>What the model is asked for a question of MMMU.</summary>
/// <remarks>
/// The official wording lies in a YAML file that folds a blank line to one line break, so only the options, whose last
/// line brings a break of its own, are followed by a blank line.
/// </remarks>
internal static class MmmuPrompt
{
    private const string ChoiceInstruction = "Answer with the option's letter from the given choices directly.";
    private const string OpenInstruction = "Answer the question using a single word or phrase.";

    /// <summary>The question, its options if it has any, and how to answer.</summary>
    public static string For(MmmuQuestion question)
    {
        if (!question.IsMultipleChoice)
        {
            return $"{question.Question}\n{OpenInstruction}";
        }

        IEnumerable<string> options = question.Options.Select((option, i) => $"({MmmuQuestion.Letter(i)}) {option}\n");
        return $"{question.Question}\n{string.Concat(options)}\n{ChoiceInstruction}";
    }
}
