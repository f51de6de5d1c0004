using System.CommandLine;

namespace DenseConnector.Cli.Commands;

/// <summary>The options of commands that load a model to ask it.</summary>
internal sealed class LoadArguments
{
    private readonly Option<string> _model = new("--model", "-m")
    {
        Description = "Folder of a checkpoint, a name of the catalog, or a repository (owner/name).",
        DefaultValueFactory = _ => ModelArguments.Bundled,
        HelpName = "model",
        Validators = { Parsing.RequireText },
    };

    private readonly ModelArguments _options = new();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_model);
        _options.AddTo(command);
    }

    /// <summary>Loads the model, and shows what is downloaded.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="cancellation">Ends the load.</param>
    /// <param name="adapt">Changes the options for the command's own needs.</param>
    public Task<DenseConnectorModel> LoadAsync(
        ParseResult parsed, CancellationToken cancellation, Func<ModelOptions, ModelOptions>? adapt = null)
    {
        ModelOptions options = _options.Read(parsed);
        return DownloadDisplay.RunAsync(
            parsed.InvocationConfiguration.Error,
            progress => DenseConnectorModel.LoadAsync(
                parsed.GetValue(_model)!,
                adapt?.Invoke(options) ?? options,
                new LoadDownloads(progress),
                cancellation));
    }
}
