using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DenseConnector.Cli.Tests;

/// <summary>The tool in a process of its own, with the hub's variables set for it.</summary>
internal sealed class ToolProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string>? _errors;

    public ToolProcess(string endpoint, string home, params IEnumerable<string> arguments)
        : this(new ProcessStartInfo(Runtime)
        {
            Environment =
            {
                ["HF_ENDPOINT"] = endpoint,
                ["HF_HOME"] = home,
                ["HF_TOKEN"] = "hf_secret",
                ["HF_HUB_CACHE"] = null,
                ["HF_HUB_OFFLINE"] = null,
            },
        },
        arguments)
    {
    }

    private ToolProcess(ProcessStartInfo start, IEnumerable<string> arguments)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.ArgumentList.Add(Program);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        if (!start.RedirectStandardInput)
        {
            _errors = _process.StandardError.ReadToEndAsync();
        }
    }

    /// <summary>The tool's assembly.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "DenseConnector.Cli.dll");

    /// <summary>
    /// The program that runs the tool; the runtime lies in its shared/Microsoft.NETCore.App/VERSION/.
    /// </summary>
    public static string Runtime => Path.Combine(
        RuntimeEnvironment.GetRuntimeDirectory(),
        "..",
        "..",
        "..",
        OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");

    /// <summary>The tool where no file may become longer than so many KiB; with bash only.</summary>
    public static ToolProcess WithFileLimit(int kibibytes, params IEnumerable<string> arguments) => new(
        new ProcessStartInfo("bash")
        {
            ArgumentList = { "-c", $"trap '' XFSZ; ulimit -f {kibibytes}; exec \"$@\"", "bash", Runtime },

            // The runtime's own writing and executing maps are files beyond any limit.
            Environment = { ["DOTNET_EnableWriteXorExecute"] = "0" },
        },
        arguments);

    /// <summary>The tool with someone who reads and writes its streams while it runs.</summary>
    public static ToolProcess Talking(params IEnumerable<string> arguments) =>
        new(new ProcessStartInfo(Runtime) { RedirectStandardInput = true }, arguments);

    /// <summary>Gives the tool a line and returns the next one of its output.</summary>
    public async Task<string?> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync();
    }

    /// <summary>The next line of the error stream.</summary>
    public Task<string?> ReadErrorAsync() => _process.StandardError.ReadLineAsync();

    /// <summary>The tool with variables set for it.</summary>
    public static ToolProcess WithVariables(
        IEnumerable<(string Name, string Value)> variables, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Runtime) { Environment = { ["DENSECONNECTOR_API_KEY"] = null } };
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        return new ToolProcess(start, arguments);
    }

    /// <summary>The next line of the output; what follows is left to <see cref="EndAsync"/>.</summary>
    public Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync();

    /// <summary>Waits for the end; the output that was not read by lines.</summary>
    public async Task<(int Code, string Output, string Errors)> EndAsync()
    {
        Task<string> errors = _errors ?? _process.StandardError.ReadToEndAsync();
        string output = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return (_process.ExitCode, output, await errors);
    }

    /// <summary>Ends the process as a power cut would, without a chance to clean up.</summary>
    public void Kill() => _process.Kill();

    /// <summary>What Ctrl+C sends.</summary>
    public void Interrupt() => Signal("-INT");

    /// <summary>What ends a service.</summary>
    public void Terminate() => Signal("-TERM");

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void Signal(string name) => Process.Start("kill", [name, $"{_process.Id}"]).WaitForExit();
}
