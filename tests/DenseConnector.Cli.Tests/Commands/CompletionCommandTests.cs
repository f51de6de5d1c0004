using System.Diagnostics;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class CompletionCommandTests
{
    public static TheoryData<string> Shells => ["bash", "zsh", "fish", "pwsh"];

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Completion_Shell_PrintsAScriptThatAsksTheTool(string shell)
    {
        ToolRun run = await ToolRun.RunAsync("completion", shell);

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Contains($"denseconnector completion {shell}", run.Output, StringComparison.Ordinal);
        Assert.Contains("[suggest:", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completion_OtherShell_ListsTheShells() =>
        (await ToolRun.RunAsync("completion", "csh")).FailedWith(ExitCode.Usage, "'csh'", "bash, zsh, fish, pwsh");

    [UnixFact]
    public async Task Bash_ScriptSourced_CompletesCommandsAndOptions()
    {
        string script = (await ToolRun.RunAsync("completion", "bash")).Output;

        Assert.Equal(["caption", "chat", "completion"], (await CompleteAsync(script, "denseconnector c")).Order());
        Assert.Equal(["--model"], await CompleteAsync(script, "denseconnector ask --image a.png --mod"));
        Assert.Equal(["bash"], await CompleteAsync(script, "denseconnector completion b"));
        Assert.Equal(["float32", "float16"], await CompleteAsync(script, "denseconnector ask --precision fl"));
        Assert.Empty(await CompleteAsync(script, "denseconnector ask nothing-like-this"));
    }

    /// <summary>
    /// Lets bash complete a line as it does when Tab is pressed at its end; the tool is a function in it.
    /// </summary>
    private static async Task<string[]> CompleteAsync(string script, string line)
    {
        string program =
            $$"""
            denseconnector() { '{{ToolProcess.Runtime}}' '{{ToolProcess.Program}}' "$@"; }
            {{script}}
            COMP_LINE='{{line}}'; COMP_POINT=${#COMP_LINE}
            COMP_WORDS=({{line}}); COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
            called=$(complete -p denseconnector | sed 's/.*-F \([^ ]*\).*/\1/')
            "$called"
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        using Process bash = Process.Start(new ProcessStartInfo("bash", ["-c", program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = bash.StandardError.ReadToEndAsync();
        string output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.Empty(await errors);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
