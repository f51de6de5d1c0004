using System.CommandLine;
using System.Text.Json;
using DenseConnector.Catalog;
using DenseConnector.Cli.Memory;

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
            if (needs.Count > 0)
            {
                output.WriteLine($"{string.Empty,-32} {Describe(needs)}");
            }
        }

        output.WriteLine();
        output.WriteLine(
            "Memory is the most that one request of as many tokens as the model reads, up to 4,096, takes on a CPU; " +
            $"this machine has {ByteSize.Of(MachineMemory.Total)}.");
        return ExitCode.Success;
    }

    /// <summary>The sizes in all formats, and the most exact one that fits.</summary>
    private static string Describe(IReadOnlyList<MemoryNeed> needs)
    {
        string fitting = needs.FirstOrDefault(need => need.Fits) is MemoryNeed fits
            ? $"fits in {Name(fits)}"
            : "does not fit";
        return $"{string.Join(", ", needs.Select(need => $"{Name(need)} {ByteSize.Of(need.Bytes)}"))}: {fitting}";

        static string Name(MemoryNeed need) => need.Format().ToLowerInvariant();
    }

    /// <summary>A row as <c>--json</c> prints it.</summary>
    private sealed record Row(CatalogEntry Model, IReadOnlyList<MemoryNeed> Memory);
}
