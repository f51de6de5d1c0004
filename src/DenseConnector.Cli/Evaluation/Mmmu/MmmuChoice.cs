using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Mmmu;

/// <summary>Which option of a question of MMMU a model's text means.</summary>
internal static class MmmuChoice
{
    /// <summary>The seed of the guesses.</summary>
    public const int Seed = 42;

    // An option's own text is looked for in longer answers only.
    private const int WordsOfAShortAnswer = 5;

    private static readonly char[] Stripped = [',', '.', '!', '?', ';', ':', '\''];

    /// <summary>The letter a text means, guessed if it means none.</summary>
    /// <param name="response">The model's text.</param>
    /// <param name="options">The texts of the options.</param>
    /// <param name="guesses">Where guesses are drawn; one source serves a whole run.</param>
    public static string Read(string response, IReadOnlyList<string> options, PythonRandom guesses) =>
        Find(response, options) ?? guesses.Choice([.. options.Select((_, i) => MmmuQuestion.Letter(i))]);

    /// <summary>The letter a text means; <c>null</c> if it means none.</summary>
    public static string? Find(string response, IReadOnlyList<string> options)
    {
        // One mark after the other, each once: marks in another order stay.
        string text = $" {Stripped.Aggregate(response, (rest, mark) => rest.Trim(mark))} ";
        IEnumerable<string> letters = options.Select((_, i) => MmmuQuestion.Letter(i));
        return Last(text, letters.Select(letter => $"({letter})"))
            ?? Last(text, letters.Select(letter => $" {letter} "))
            ?? (PythonText.Words(text).Length > WordsOfAShortAnswer
                ? Last(PythonText.Lower(text), options.Select(PythonText.Lower))
                : null);
    }

    /// <summary>The letter of the option whose sign occurs last.</summary>
    private static string? Last(string text, IEnumerable<string> signs) => signs
        .Select((sign, i) => (Letter: MmmuQuestion.Letter(i), Place: text.LastIndexOf(sign, StringComparison.Ordinal)))
        .Where(found => found.Place >= 0)
        .OrderByDescending(found => found.Place)
        .FirstOrDefault()
        .Letter;
}
