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
