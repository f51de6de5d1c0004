using System.CommandLine;
using System.Text.Json;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// <c>denseconnector doctor</c>: whether models can run on this machine, and if not, why and what to do.
/// </summary>
internal sealed class DoctorCommand
{
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object." };

    private DoctorCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        DoctorCommand doctor = new();
        Command command =
            new("doctor", "Explain this machine: native libraries, processor, CUDA, memory.") { doctor._json };
        command.SetAction(doctor.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        TextWriter output = parsed.InvocationConfiguration.Output;
        Diagnosis diagnosis = Diagnosis.Make();
        if (parsed.GetValue(_json))
        {
            output.WriteLine(JsonSerializer.Serialize(diagnosis, ToolJson.Options));
        }
        else
        {
            diagnosis.Print(output);
        }

        return diagnosis.Native.IsLoaded ? ExitCode.Success : ExitCode.Environment;
    }
}
