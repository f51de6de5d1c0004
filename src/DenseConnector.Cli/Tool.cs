using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using DenseConnector.Cli.Commands;

namespace DenseConnector.Cli;

/// <summary>
/// The command line tool: parses, runs a command, and turns every error into one sentence and an exit code.
/// </summary>
internal static class Tool
{
    private const string Name = "denseconnector";

    /// <summary>Runs one command line and returns its <see cref="ExitCode"/>.</summary>
    /// <param name="arguments">The words after the tool's name.</param>
    /// <param name="output">Gets answers and reports.</param>
    /// <param name="error">Gets errors and progress.</param>
    /// <param name="input">Gives what a user types; <c>null</c> for the console.</param>
    public static async Task<int> RunAsync(
        string[] arguments, TextWriter output, TextWriter error, TextReader? input = null)
    {
        RootCommand root = new("Asks Dense Connector vision-language models about pictures.")
        {
            AskCommand.Create(),
            ChatCommand.Create(input ?? Console.In),
            CaptionCommand.Create(),
            DownloadCommand.Create(),
            InspectCommand.Create(),
            ModelsCommand.Create(),
            DoctorCommand.Create(),
            QuantizeCommand.Create(),
            SynthesizeCommand.Create(),
            BenchCommand.Create(),
            EvaluateCommand.Create(),
            ServeCommand.Create(),
            CompletionCommand.Create(),
        };
        ParseResult parsed = root.Parse(arguments);
        if (Suggestions.Find(root, parsed) is IEnumerable<string> suggestions)
        {
            await output.WriteAsync(string.Concat(suggestions.Select(word => word + '\n')));
            return ExitCode.Success;
        }

        string? option = Parsing.FindOptionAmongArguments(parsed);
        if (parsed.Errors.Count > 0 || option is not null)
        {
            string problem = option is null ? Problem(parsed, root) : Parsing.NoOption(option);
            string help = $"'{Name} {CommandName(parsed, root)}--help' shows what there is";
            await error.WriteLineAsync($"{Name}: {problem}; {help}.");
            return ExitCode.Usage;
        }

        // Errors are ours to translate; the parser's own handler would print a stack trace.
        InvocationConfiguration settings = new()
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
        };
        if (parsed.CommandResult.Command.Name is ChatCommand.Name or ServeCommand.Name)
        {
            // A dialogue has a use of its own for Ctrl+C, and a server takes its time to end.
            settings.ProcessTerminationTimeout = null;
        }

        try
        {
            return await parsed.InvokeAsync(settings);
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync($"{Name}: cancelled.");
            return ExitCode.Cancelled;
        }
        catch (NativeLibraryException e)
        {
            await error.WriteLineAsync($"{Name}: {e.Message} ('{Name} doctor' shows more.)");
            return ExitCode.Environment;
        }
        catch (Exception e) when (e is ArgumentException)
        {
            await error.WriteLineAsync($"{Name}: {FirstLine(e.Message)}");
            return ExitCode.Usage;
        }
        catch (ExternalException e)
        {
            await error.WriteLineAsync(
                $"{Name}: libtorch failed ({FirstLine(e.Message)}). If memory ran out, use a smaller model or " +
                    $"precision.");
            return ExitCode.Failure;
        }
        catch (Exception e) when (e is DenseConnectorException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"{Name}: {e.Message}");
            return ExitCode.Failure;
        }
    }

    /// <summary>The command with those it belongs to, each followed by a space.</summary>
    private static string CommandName(ParseResult parsed, RootCommand root)
    {
        string name = string.Empty;
        for (SymbolResult? result = parsed.CommandResult; result is not null; result = result.Parent)
        {
            name = result is CommandResult { Command: Command command } && command != root
                ? $"{command.Name} {name}"
                : name;
        }

        return name;
    }

    /// <summary>What is wrong with a command line, the most telling of its errors.</summary>
    private static string Problem(ParseResult parsed, RootCommand root)
    {
        IReadOnlyList<string> unmatched = parsed.UnmatchedTokens;
        if (unmatched.FirstOrDefault(word => word.StartsWith('-')) is string option)
        {
            return Parsing.NoOption(option);
        }

        if (parsed.CommandResult.Command == root)
        {
            return unmatched.Count == 0 ? "There is no command" : $"There is no command '{unmatched[0]}'";
        }

        // Each unmatched word is an error of its own; the last one is the command's, if there are more.
        return parsed.Errors.Count > unmatched.Count
            ? parsed.Errors[^1].Message.TrimEnd('.')
            : $"'{unmatched[0]}' is one word too many (a text with spaces needs quotes)";
    }

    /// <summary>The message without the parameter name .NET appends, which means nothing on a command line.</summary>
    private static string FirstLine(string message)
    {
        int end = message.IndexOf(" (Parameter '", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).Split('\n')[0];
    }
}
