using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.MathVista;

/// <summary>Brings an extracted answer of MathVista into the form in which it is compared.</summary>
internal static partial class MathVistaAnswer
{
    /// <summary>The choice an answer means: by its letter, else the one whose text is nearest.</summary>
    public static string Choice(string extraction, IReadOnlyList<string> choices)
    {
        string text = PythonText.Strip(extraction);
        if (Letter().Match(text) is { Success: true } letter)
        {
            text = letter.Groups["letter"].Value.ToUpperInvariant();
        }

        int index = text.Length == 1 ? text[0] - 'A' : -1;
        return index >= 0 && index < choices.Count ? choices[index] : MathVistaDistance.Nearest(text, choices);
    }

    /// <summary>A free answer; <c>null</c> if it is not of its kind.</summary>
    /// <param name="extraction">The extracted answer.</param>
    /// <param name="answerType">Of what kind the answer is.</param>
    /// <param name="precision">How many decimals it has; <c>null</c> rounds it to a whole number.</param>
    /// <param name="isWholePrecision">
    /// Whether the data writes the decimals as a whole number; Python refuses to round by any other, which makes every
    /// such answer wrong.
    /// </param>
    public static string? Free(string extraction, string answerType, double? precision, bool isWholePrecision) =>
        answerType switch
        {
            "integer" => PythonFloat.Parse(extraction) is double number && double.IsFinite(number)
                ? Whole(new BigInteger(number))
                : null,
            "float" => PythonFloat.Parse(extraction) is double number
                ? Rounded(number, precision, isWholePrecision)
                : null,
            _ => extraction,
        };

    private static string? Rounded(double number, double? precision, bool isWholePrecision) => precision switch
    {
        null => double.IsFinite(number) ? Whole(PythonFloat.Round(number)) : null,
        double places => isWholePrecision ? PythonNumber.Repr(PythonFloat.Round(number, (int)places)) : null,
    };

    private static string Whole(BigInteger number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\((?<letter>[a-zA-Z])\)")]
    private static partial Regex Letter();
}
