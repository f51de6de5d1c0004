using System.CommandLine;
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

    /// <summary>Reads a whole number of at least 1.</summary>
    public static int Positive(ArgumentResult result)
    {
        string word = result.Tokens[0].Value;
        if (!int.TryParse(word, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) || number < 1)
        {
            result.AddError($"{OptionName(result)} is '{word}', expected a whole number of at least 1");
        }

        return number;
    }

    /// <summary>An option whose value is a number.</summary>
    public static Option<T> NumberOption<T>(string name, string description, T fallback)
        where T : struct, INumberBase<T> => new(name)
        {
            CustomParser = Number<T>,
            Description = description,
            DefaultValueFactory = _ => fallback,
            HelpName = "number",
        };

    /// <summary>Reads one of an enumeration's names; letter case does not matter.</summary>
    public static T Choice<T>(ArgumentResult result)
        where T : struct, Enum => ReadChoice<T>(result, result.Tokens[0].Value);

    /// <summary>Reads any number of an enumeration's names.</summary>
    public static T[] Choices<T>(ArgumentResult result)
        where T : struct, Enum => [.. result.Tokens.Select(token => ReadChoice<T>(result, token.Value))];

    private static T ReadChoice<T>(ArgumentResult result, string word)
        where T : struct, Enum
    {
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

    /// <summary>Refuses numbers below 1.</summary>
    /// <exception cref="ArgumentException">It is one.</exception>
    public static void RequirePositive(string option, int value)
    {
        if (value < 1)
        {
            throw new ArgumentException(FormattableString.Invariant($"{option} is {value}, expected at least 1."));
        }
    }

    /// <summary>
    /// The first word that was meant as an option and that the parser took for an argument, or <c>null</c>; what stands
    /// behind <c>--</c> is no option, however it starts.
    /// </summary>
    public static string? FindOptionAmongArguments(ParseResult parsed)
    {
        List<Token> options = [.. parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)];
        return parsed.CommandResult.Command.Arguments
            .SelectMany(argument => parsed.GetResult(argument)?.Tokens ?? [])
            .Where(token => token.Value.StartsWith("--", StringComparison.Ordinal))
            .FirstOrDefault(token => options.Exists(other => ReferenceEquals(other, token)))?.Value;
    }

    /// <summary>The error for an option that does not exist.</summary>
    public static string NoOption(string word) =>
        $"There is no option '{word}' (a text that starts with dashes goes last, behind a '--' of its own)";

    private static string OptionName(ArgumentResult result) =>
        result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;
}
