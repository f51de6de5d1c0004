using System.CommandLine;
using System.Text.Json;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// <c>denseconnector inspect</c>: what a model is made of, read from its files without loading a weight.
/// </summary>
internal sealed class InspectCommand
{
    private readonly Argument<string> _model = new("model")
    {
        Description = "Folder of a checkpoint, a name of the catalog, or a repository (owner/name).",
        DefaultValueFactory = _ => ModelArguments.Bundled,
    };

    private readonly Option<int?> _tokens = new("--tokens")
    {
        Description =
            "Tokens, prompt and answer, of the request whose memory is stated; as many as the model reads, up to " +
            "4096, if not given.",
        CustomParser = result => Parsing.Number<int>(result),
        HelpName = "number",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object." };
    private readonly ModelArguments _modelOptions = new();

    private InspectCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        InspectCommand inspect = new();
        Command command =
            new("inspect", "Show what a model is made of, and the memory it takes, without loading it.")
            {
                inspect._model, inspect._tokens, inspect._json,
            };
        inspect._modelOptions.AddFilesTo(command);
        inspect._modelOptions.AddFormatTo(command);
        command.SetAction(inspect.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        int? tokens = parsed.GetValue(_tokens);
        if (tokens is int given)
        {
            Parsing.RequirePositive(_tokens.Name, given);
        }

        TextWriter output = parsed.InvocationConfiguration.Output;
        ResolvedModel model = await DownloadDisplay.RunAsync(
            parsed.InvocationConfiguration.Error,
            progress => ModelResolver.ResolveAsync(
                parsed.GetValue(_model)!, _modelOptions.Read(parsed), progress, cancellation));
        Inspection inspection = Inspection.Read(model, tokens);
        if (parsed.GetValue(_json))
        {
            output.WriteLine(JsonSerializer.Serialize(inspection, ToolJson.Options));
        }
        else
        {
            inspection.Print(output);
        }

        return ExitCode.Success;
    }
}
