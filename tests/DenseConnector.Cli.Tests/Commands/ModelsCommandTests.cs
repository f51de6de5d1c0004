using System.Text.Json;
using DenseConnector.Catalog;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class ModelsCommandTests
{
    // The scales of int8, and room for a matrix of 11008 x 4096 in bfloat16 and for 512 rows in integers.
    private const long Scales = 8 << 20, Room = (2 * 11008 * 4096) + (3 * 512 * 11008 * 6);

    [Fact]
    public async Task Models_Plain_ListsEveryRowWithWhatItNeeds()
    {
        ToolRun run = await ToolRun.RunAsync("models");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.All(
            ModelCatalog.Entries, entry => Assert.Contains($"{entry.Name} ", run.Output, StringComparison.Ordinal));
        Assert.Equal(ModelCatalog.Entries.Count, run.Output.Split("bfloat16 ").Length - 1);
        Assert.Contains("announced, not published", run.Output, StringComparison.Ordinal);
        Assert.Equal(
            ModelCatalog.Entries.Count,
            run.Output.Split(": fits in ").Length + run.Output.Split(": does not fit").Length - 2);
    }

    [Fact]
    public async Task Models_Json_SaysWhatFitsThisMachine()
    {
        ToolRun run = await ToolRun.RunAsync("models", "--json");

        JsonElement[] rows = [.. JsonDocument.Parse(run.Output).RootElement.EnumerateArray()];
        Assert.Equal(ModelCatalog.Entries.Count, rows.Length);
        Assert.All(rows.SelectMany(row => row.GetProperty("memory").EnumerateArray()), need => Assert.Equal(
            need.GetProperty("bytes").GetInt64() <= GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            need.GetProperty("fits").GetBoolean()));

        // 7,167,102,240 weights, 32 layers of 4096 keys and values for 4096 tokens, two bytes each.
        const long Exact = 2 * (7_167_102_240 + (4096L * 32 * 2 * 4096));
        Assert.InRange(Bytes("dense-connector-v1.5-7b", 1), Exact, Exact + (1L << 30));
        Assert.InRange(Bytes("dense-connector-v1.5-7b", 0), 2 * Exact, 2 * (Exact + (1L << 30)));

        // 32 times the layers' matrices, and the head, have one byte less each, or 1.4375 but for the head's.
        const long Layers = 32L * ((4 * 4096 * 4096) + (3 * 4096 * 11008)), Head = 32000 * 4096;
        Assert.InRange(
            Bytes("dense-connector-v1.5-7b", 1) - Bytes("dense-connector-v1.5-7b", 2),
            Layers + Head - Scales - Room,
            Layers + Head);
        Assert.InRange(
            Bytes("dense-connector-v1.5-7b", 2) - Bytes("dense-connector-v1.5-7b", 3),
            (Layers * 7 / 16) - 1,
            (Layers * 7 / 16) + Scales);

        long Bytes(string name, int need) => rows
            .Single(row => row.GetProperty("model").GetProperty("name").GetString() == name)
            .GetProperty("memory")[need].GetProperty("bytes").GetInt64();
    }

    [Fact]
    public async Task Catalog_BundledModel_HasAsManyWeightsAsItSays()
    {
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(ToolRun.TinyModel);

        Assert.Equal(model.Info.Parameters, ModelCatalog.Find("dense-connector-tiny")!.Parameters);
    }
}
