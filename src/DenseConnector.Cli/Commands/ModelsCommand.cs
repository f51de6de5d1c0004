using System.CommandLine;
using System.Globalization;
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
            output.WriteLine(JsonSerializer.Serialize(
                ModelCatalog.Entries.Select(entry => new Row(entry, MemoryNeed.Of(entry))), ToolJson.Options));
            return ExitCode.Success;
        }

        foreach (CatalogEntry entry in ModelCatalog.Entries)
        {
            string status = entry.Repository ?? (entry.Published ? "comes with the tool" : "announced, not published");
            IReadOnlyList<MemoryNeed> needs = MemoryNeed.Of(entry);
            output.WriteLine($"{entry.Name,-32} {status}");
            output.WriteLine($"{string.Empty,-32} {entry.Description}");
            output.WriteLine($"{string.Empty,-32} {string.Join("; ", needs.Select(Describe))}");
        }

        output.WriteLine();
        output.WriteLine(
            $"Memory is that of weights and one request of {MemoryNeed.Tokens} tokens; " +
            $"this machine has {Gibibytes(MemoryNeed.Available)}.");
        return ExitCode.Success;
    }

    private static string Describe(MemoryNeed need) =>
        $"{need.Precision.ToString().ToLowerInvariant()} {Gibibytes(need.Bytes)}" +
        (need.Fits ? string.Empty : ", does not fit");

    private static string Gibibytes(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):F1} GiB");

    /// <summary>A row as <c>--json</c> prints it.</summary>
    private sealed record Row(CatalogEntry Model, IReadOnlyList<MemoryNeed> Memory);
}
