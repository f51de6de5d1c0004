using System.Text.RegularExpressions;

namespace DenseConnector.Cli.Evaluation.Mmmu;

/// <summary>Finds the numbers in an open answer of MMMU.</summary>
internal static partial class MmmuNumbers
{
    /// <summary>First the numbers with commas, then those with an exponent, then the plain ones.</summary>
    /// <remarks>One place in the text can give several.</remarks>
    public static IEnumerable<string> Find(string text) =>
        new[] { WithCommas(), WithExponent(), Plain() }
            .SelectMany(form => form.Matches(text).Select(match => match.Value));

    // Python counts every letter, every number sign and the underscore as part of a word; \b of .NET does not.
    [GeneratedRegex(@"-?(?<![\p{L}\p{N}_])\d{1,3}(?:,\d{3})+(?![\p{L}\p{N}_])")]
    private static partial Regex WithCommas();

    [GeneratedRegex(@"-?\d+(?:\.\d+)?[eE][+-]?\d+")]
    private static partial Regex WithExponent();

    [GeneratedRegex(@"-?(?:\d+\.\d+|\.\d+|\d+(?![\p{L}\p{N}_]))(?![eE][+-]?\d+)(?![,\d])")]
    private static partial Regex Plain();
}
