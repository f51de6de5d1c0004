using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.MathVista;

/// <summary>Takes the answer out of a model's text for MathVista where that needs no judge.</summary>
internal static partial class MathVistaExtraction
{
    /// <summary>The answer in a text; <c>null</c> if a judge has to find it.</summary>
    /// <param name="response">The model's text.</param>
    /// <param name="choices">What there was to choose from; <c>null</c> for a free answer.</param>
    /// <param name="answerType">Of what kind the answer is.</param>
    /// <param name="isQuick">Whether a quoted answer is taken as it stands.</param>
    public static string? Find(string response, IReadOnlyList<string>? choices, string answerType, bool isQuick)
    {
        if (response.Length == 0 || choices?.Contains(response) == true)
        {
            return response;
        }

        if (answerType == "integer" && PythonNumber.TryParseInteger(response, out BigInteger whole))
        {
            return whole.ToString(CultureInfo.InvariantCulture);
        }

        if (answerType == "float" && PythonFloat.Parse(response) is double number)
        {
            return PythonNumber.Repr(number);
        }

        return isQuick && Quoted().Match(response) is { Success: true } quoted ? quoted.Groups["answer"].Value : null;
    }

    /// <summary>Whether an extracted answer says anything, so that it need not be extracted again.</summary>
    public static bool IsDone(string extraction) => PythonText.Strip(extraction).Length > 0;

    [GeneratedRegex("The answer is \"(?<answer>.*)\"\\.")]
    private static partial Regex Quoted();
}
