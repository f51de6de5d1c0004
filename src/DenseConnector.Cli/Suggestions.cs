using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using System.Globalization;

namespace DenseConnector.Cli;

/// <summary>What may stand at a place of an unfinished command line: the answer to the suggest directive.</summary>
/// <remarks>
/// The parser's own answer takes an unfinished option for a command's argument once another option stands before it,
/// and then has nothing to offer.
/// </remarks>
internal static class Suggestions
{
    /// <summary>Answers <c>[suggest:PLACE] LINE</c>; <c>null</c> if that is not what was asked.</summary>
    /// <param name="root">The tool's commands.</param>
    /// <param name="parsed">The words the tool was called with.</param>
    public static IEnumerable<string>? Find(RootCommand root, ParseResult parsed)
    {
        if (parsed.GetResult(root.Directives.OfType<SuggestDirective>().Single()) is not DirectiveResult asked)
        {
            return null;
        }

        string line = parsed.Tokens.LastOrDefault(token => token.Type != TokenType.Directive)?.Value ?? string.Empty;
        return asked.Values is [string word] && int.TryParse(word, CultureInfo.InvariantCulture, out int place)
            ? Find(root, line[..Math.Clamp(place, 0, line.Length)])
            : Find(root, line);
    }

    /// <summary>The words that may stand at the end of a line, which does not begin with the tool's name.</summary>
    private static IEnumerable<string> Find(RootCommand root, string line)
    {
        string[] words = [.. CommandLineParser.SplitCommandLine(line)];
        bool hasBegun = line.Length > 0 && !char.IsWhiteSpace(line[^1]);
        string begun = hasBegun ? words[^1] : string.Empty;
        string[] before = hasBegun ? words[..^1] : words;
        Command command = root.Parse(before).CommandResult.Command;
        string last = before.LastOrDefault() ?? string.Empty;
        Option? option = command.Options.FirstOrDefault(
            option => option.Arity.MinimumNumberOfValues > 0 && (option.Name == last || option.Aliases.Contains(last)));
        IEnumerable<string> candidates = option switch
        {
            null => Offered(command),
            { HelpName: string choices } when choices.Contains('|', StringComparison.Ordinal) => choices.Split('|'),
            _ => Offered(option),
        };
        return candidates.Where(word => word.StartsWith(begun, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>All that may follow a symbol; other spellings of help are left out.</summary>
    private static IEnumerable<string> Offered(Symbol symbol) => symbol.GetCompletions(CompletionContext.Empty)
        .Select(item => item.InsertText ?? item.Label)
        .Where(word => word is not ("-?" or "/?" or "/h" or "-h"));
}
