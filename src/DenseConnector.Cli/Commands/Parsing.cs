using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// How words of the command line become values, where the parser's own errors would name .NET types instead of saying
/// what to write.
/// </summary>
internal static class Parsing
{
    /// <summary>Reads a number, written as in JSON whatever the machine's language.</summary>
    public static T Number<T>(ArgumentResult result)
        where T : struct, INumberBase<T>
    {
        // Without thousands separators: 0,5 must not be read as 5.
        string word = result.Tokens[0].Value;
        if (!T.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out T number))
        {
            string kind = typeof(T) == typeof(float) ? "a number" : "a whole number";
            result.AddError($"{OptionName(result)} is '{word}', expected {kind}");
        }

        return number;
    }

    /// <summary>Reads one of an enumeration's names; letter case does not matter.</summary>
    public static T Choice<T>(ArgumentResult result)
        where T : struct, Enum
    {
        string word = result.Tokens[0].Value;
        string? name = Enum.GetNames<T>().FirstOrDefault(
            known => known.Equals(word, StringComparison.OrdinalIgnoreCase));
        if (name is null)
        {
            result.AddError($"{OptionName(result)} is '{word}', expected {Choices<T>()}");
            return default;
        }

        return Enum.Parse<T>(name);
    }

    /// <summary>The names <see cref="Choice{T}"/> reads, for people.</summary>
    public static string Choices<T>()
        where T : struct, Enum =>
        string.Join('|', Enum.GetNames<T>().Select(name => name.ToLowerInvariant()));

    /// <summary>Refuses empty words, which an unset variable of a shell leaves.</summary>
    public static void RequireText(OptionResult result)
    {
        if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
        {
            result.AddError($"{result.Option.Name} is empty, expected a {result.Option.HelpName}");
        }
    }

    /// <summary>Refuses what is meant as an option, which the parser would take for an argument.</summary>
    public static void RefuseOptions(ArgumentResult result)
    {
        if (result.Tokens.Count > 0 && result.Tokens[0].Value.StartsWith("--", StringComparison.Ordinal))
        {
            result.AddError(NoOption(result.Tokens[0].Value));
        }
    }

    /// <summary>The error for an option that does not exist.</summary>
    public static string NoOption(string word) => $"There is no option '{word}'";

    private static string OptionName(ArgumentResult result) =>
        result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;
}
