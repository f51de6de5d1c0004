using System.CommandLine;
using System.Text.Json;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// <c>denseconnector download</c>: brings a model and its vision tower into the cache, or up to date there.
/// </summary>
internal sealed class DownloadCommand
{
    private readonly Argument<string> _model = new("model")
    {
        Description = "A repository of the hub (owner/name), or a name of the catalog.",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object." };
    private readonly HubArguments _hub = new();

    private DownloadCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        DownloadCommand download = new();
        Command command = new(
            "download",
            "Download a model; a broken download goes on where it ended. For gated models set HF_TOKEN.")
        {
            download._model, download._json,
        };
        download._hub.AddTo(command);
        command.SetAction(download.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        TextWriter output = parsed.InvocationConfiguration.Output;
        string name = parsed.GetValue(_model)!;
        ModelOptions options = new() { Hub = _hub.Read(parsed) };
        ResolvedModel model = await DownloadDisplay.RunAsync(
            parsed.InvocationConfiguration.Error,
            progress => ModelResolver.ResolveAsync(name, options, progress, cancellation, refresh: true));
        if (parsed.GetValue(_json))
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(
                new Downloaded(name, Path.GetFullPath(model.Folder.Path), model.Options.VisionTower, model.Sources),
                ToolJson.Options));
            return ExitCode.Success;
        }

        if (model.Sources.Count == 0)
        {
            await output.WriteLineAsync($"'{name}' is on this machine: {Path.GetFullPath(model.Folder.Path)}");
        }

        foreach (HubSource source in model.Sources)
        {
            await output.WriteLineAsync($"{source.Repository} at {source.Commit[..8]}: {source.Folder}");
        }

        return ExitCode.Success;
    }

    /// <summary>What <c>--json</c> prints.</summary>
    private sealed record Downloaded(
        string Model, string Folder, string? VisionTower, IReadOnlyList<HubSource> Sources);
}
