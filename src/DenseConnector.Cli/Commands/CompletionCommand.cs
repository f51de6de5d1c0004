using System.CommandLine;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// <c>denseconnector completion</c>: a script that lets a shell complete command lines, by asking the tool itself.
/// </summary>
/// <remarks>
/// The scripts hand over what follows the tool's name, with the place of the cursor in it, so that the tool may be
/// called by any path or alias.
/// </remarks>
internal sealed class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] =
            """
            # In ~/.bashrc: source <(denseconnector completion bash)
            _denseconnector()
            {
              local name="${COMP_WORDS[0]}"
              local line="${COMP_LINE#*"$name"}"
              line="${line# }"
              local place=$(( COMP_POINT - ${#COMP_LINE} + ${#line} ))
              local IFS=$'\n'
              COMPREPLY=( $("$name" "[suggest:$place]" "$line" 2> /dev/null) )
            }
            complete -o default -F _denseconnector denseconnector
            """,
        ["zsh"] =
            """
            # In ~/.zshrc, behind compinit: source <(denseconnector completion zsh)
            _denseconnector()
            {
              local line="${BUFFER#*$words[1]}"
              line="${line# }"
              local place=$(( CURSOR - ${#BUFFER} + ${#line} ))
              local -a found
              found=( "${(@f)$("$words[1]" "[suggest:$place]" "$line" 2> /dev/null)}" )
              found=( "${(@)found:#}" )
              if (( $#found )); then compadd -- "${found[@]}"; else _files; fi
            }
            compdef _denseconnector denseconnector
            """,
        ["fish"] =
            """
            # denseconnector completion fish > ~/.config/fish/completions/denseconnector.fish
            function __denseconnector_complete
                set -l name (commandline -opc)[1]
                set -l line (string replace -r '^\s*\S+ ?' '' -- (commandline -cp))
                $name "[suggest:"(string length -- "$line")"]" "$line" 2> /dev/null
            end
            complete -c denseconnector -a '(__denseconnector_complete)'
            """,
        ["pwsh"] =
            """
            # denseconnector completion pwsh >> $PROFILE
            Register-ArgumentCompleter -Native -CommandName denseconnector -ScriptBlock {
                param($word, $command, $cursor)
                $name = $command.CommandElements[0].Extent
                $text = $command.Extent.Text.PadRight([Math]::Max($command.Extent.Text.Length, $cursor))
                $skipped = [Math]::Min($name.Text.Length + 1, $text.Length)
                $line = $text.Substring($skipped)
                $place = [Math]::Max(0, $cursor - $command.Extent.StartOffset - $skipped)
                & $name.Text "[suggest:$place]" $line 2> $null | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }
            """,
    };

    private readonly Argument<string> _shell = new("shell")
    {
        Description = $"The shell: {string.Join(", ", Scripts.Keys)}.",
    };

    private CompletionCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        CompletionCommand completion = new();
        completion._shell.CompletionSources.Add([.. Scripts.Keys]);
        Command command = new("completion", "Print a script that completes the tool's commands and options in a shell.")
        {
            completion._shell,
        };
        command.SetAction(completion.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string shell = parsed.GetValue(_shell)!;
        if (!Scripts.TryGetValue(shell, out string? script))
        {
            throw new ArgumentException(
                $"There is no script for '{shell}', expected {string.Join(", ", Scripts.Keys)}.");
        }

        parsed.InvocationConfiguration.Output.WriteLine(script);
        return ExitCode.Success;
    }
}
