using System.Text.Json;
using DenseConnector.Cli.Commands;
using DenseConnector.Loading;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class SynthesizeCommandTests
{
    [Theory]
    [InlineData("vicuna-7b")]
    [InlineData("vicuna-7b-siglip")]
    [InlineData("vicuna-7b-dino-dci")]
    [InlineData("vicuna-7b-siglip-dci-video")]
    [InlineData("gpt-siglip-dci")]
    [InlineData("dense-connector-tiny")]
    public async Task Synthesize_UnknownModel_SaysWhatThereIs(string name)
    {
        using TemporaryFolder folder = new();

        ToolRun run = await ToolRun.RunAsync("synthesize", name, Path.Combine(folder.Path, "new"));

        run.FailedWith(ExitCode.Usage, $"'{name}'", "vicuna-7b", "siglip", "dci");
    }

    [Fact]
    public async Task Synthesize_FolderWithFiles_IsLeftAlone()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(Path.Combine(folder.Path, "thesis.txt"), "words");

        ToolRun run = await ToolRun.RunAsync("synthesize", "vicuna-7b-siglip-dci", folder.Path);

        run.FailedWith(ExitCode.Usage, folder.Path, "not empty");
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    // A whole run writes more than ten gigabytes; this is what it prints in the end.
    [Fact]
    public void Describe_Json_IsOneObjectWithItsFacts()
    {
        SynthesizeCommand.Written written = new("vicuna-7b-clip-dci", TensorType.BF16, 7_062_902_784, 12.5);

        JsonElement json = JsonElement.Parse(written.Describe(json: true));

        Assert.Equal("vicuna-7b-clip-dci", json.GetProperty("model").GetString());
        Assert.Equal("bf16", json.GetProperty("type").GetString(), ignoreCase: true);
        Assert.Equal(7_062_902_784, json.GetProperty("weights").GetInt64());
        Assert.Equal(12.5, json.GetProperty("seconds").GetDouble());
        Assert.Equal(4, json.EnumerateObject().Count());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("NaN")]
    public async Task Synthesize_ImpossibleShardSize_IsRefused(string size)
    {
        using TemporaryFolder folder = new();

        ToolRun run = await ToolRun.RunAsync(
            "synthesize", "vicuna-7b-siglip-dci", Path.Combine(folder.Path, "new"), "--shard-size", size);

        run.FailedWith(ExitCode.Usage, "--shard-size", size);
    }
}
