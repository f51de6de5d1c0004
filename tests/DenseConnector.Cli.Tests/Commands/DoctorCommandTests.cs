using System.Text.Json;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class DoctorCommandTests
{
    [Fact]
    public async Task Doctor_MachineThatRunsTheTests_SaysModelsCanRun()
    {
        ToolRun run = await ToolRun.RunAsync("doctor");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Empty(run.Error);
        Assert.All(
            [
                "tool           ", "system         ", "processor      ", "memory         ", "TorchSharp     0.107.",
                "libtorch       loads and computes", "CUDA           ", "verdict        models can run on this machine",
            ],
            line => Assert.Contains(line, run.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Doctor_BundledModel_SaysWhereItIs()
    {
        ToolRun run = await ToolRun.RunAsync("doctor");

        string line = run.Output.Split('\n').Single(
            text => text.StartsWith("bundled model", StringComparison.Ordinal));
        Assert.True(Directory.Exists(line["bundled model".Length..].Trim()));
    }

    [Fact]
    public async Task Doctor_Json_PrintsOneObject()
    {
        ToolRun run = await ToolRun.RunAsync("doctor", "--json");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        JsonElement diagnosis = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(
            [
                "tool", "runtime", "native", "cores", "cpuFeatures", "memoryBytes", "modelCache", "cachedModels",
                "bundledModel",
            ],
            diagnosis.EnumerateObject().Select(property => property.Name));
        Assert.True(diagnosis.GetProperty("native").GetProperty("isLoaded").GetBoolean());
        Assert.Equal(Environment.ProcessorCount, diagnosis.GetProperty("cores").GetInt32());
        Assert.True(diagnosis.GetProperty("memoryBytes").GetInt64() > 0);
    }

    [Fact]
    public async Task Doctor_Json_CarriesTheVersionsByName()
    {
        ToolRun run = await ToolRun.RunAsync("doctor", "--json");

        string torch = JsonDocument.Parse(run.Output).RootElement.GetProperty("native").GetProperty("torchSharp")
            .GetString()!;
        Assert.StartsWith("0.107.", torch, StringComparison.Ordinal);
    }
}
