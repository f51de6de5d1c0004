using System.Text.Json;
using DenseConnector.Catalog;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class ModelsCommandTests
{
    [Fact]
    public async Task Models_Plain_ListsEveryRowWithWhatItNeeds()
    {
        ToolRun run = await ToolRun.RunAsync("models");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.All(
            ModelCatalog.Entries, entry => Assert.Contains($"{entry.Name} ", run.Output, StringComparison.Ordinal));
        Assert.Equal(ModelCatalog.Entries.Count, run.Output.Split("bfloat16 ").Length - 1);
        Assert.Contains("announced, not published", run.Output, StringComparison.Ordinal);
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
        long vicuna = Bytes("dense-connector-v1.5-7b", 1);
        Assert.InRange(vicuna, 2 * (7_167_102_240 + (4096L * 32 * 2 * 4096)), 18L << 30);
        Assert.Equal(
            2 * (7_167_102_240 + (4096L * 32 * 2 * 4096)), Bytes("dense-connector-v1.5-7b", 0) - vicuna);

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
