using System.CommandLine;
using System.Text.Json;
using DenseConnector.Catalog;

namespace DenseConnector.Cli.Commands;

/// <summary><c>denseconnector models</c>: the model zoo.</summary>
internal sealed class ModelsCommand
{
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON array." };

    private ModelsCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        ModelsCommand models = new();
        Command command = new("models", "List the models of the catalog.") { models._json };
        command.SetAction(models.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        TextWriter output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(_json))
        {
            output.WriteLine(JsonSerializer.Serialize(ModelCatalog.Entries, ToolJson.Options));
            return ExitCode.Success;
        }

        foreach (CatalogEntry entry in ModelCatalog.Entries)
        {
            string status = entry.Repository ?? (entry.Published ? "comes with the tool" : "announced, not published");
            output.WriteLine($"{entry.Name,-32} {status}");
            output.WriteLine($"{string.Empty,-32} {entry.Description}");
        }

        return ExitCode.Success;
    }
}
