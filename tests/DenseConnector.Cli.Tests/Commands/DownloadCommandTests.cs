using System.Text.Json;
using DenseConnector.Tests.Hub;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class DownloadCommandTests : IDisposable
{
    private const string Repository = "owner/name";

    private readonly FakeHub _hub = new();
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("denseconnector-");
    private readonly FakeFile _weights;

    public DownloadCommandTests()
    {
        byte[] bytes = new byte[900_000];
        new Random(1).NextBytes(bytes);
        _hub.Add(Repository, "config.json", "{}");
        _weights = _hub.Add(Repository, "model.safetensors", bytes, lfs: true);
    }

    private string Root => Path.Combine(_home.FullName, "hub", "models--owner--name");

    private string Incomplete => Path.Combine(Root, "blobs", _weights.Hash + ".incomplete");

    [Fact]
    public async Task Download_Repository_PrintsFilesAndFolder()
    {
        (int code, string output, string errors) = await RunAsync("download", Repository);
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("owner/name: model.safetensors (900,000 bytes)", errors, StringComparison.Ordinal);
        Assert.Equal(
            $"owner/name at {_hub.Commit[..8]}: {Path.Combine(Root, "snapshots", _hub.Commit)}\n",
            output.ReplaceLineEndings("\n"));
        Assert.All(_hub.Hub.Requests, request => Assert.Equal("Bearer hf_secret", request.Authorization));
        Assert.All(_hub.Files.Requests, request => Assert.Null(request.Authorization));
    }

    [Fact]
    public async Task Download_Json_NamesCommitAndFolder()
    {
        string cache = Path.Combine(_home.FullName, "elsewhere");
        (int code, string output, _) = await RunAsync(
            "download", Repository, "--json", "--cache", cache, "--revision", _hub.Commit);
        Assert.Equal(ExitCode.Success, code);
        JsonElement json = JsonDocument.Parse(output).RootElement;
        string folder = json.GetProperty("folder").GetString()!;
        Assert.StartsWith(cache, folder, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "model.safetensors")));
        Assert.Equal(_hub.Commit, json.GetProperty("sources")[0].GetProperty("commit").GetString());
    }

    [Fact]
    public async Task Download_Gated_FailsWithTheRemedyAndWithoutTheToken()
    {
        _hub.OnHub = request => new HubReply(403, []) { Headers = { ["X-Error-Code"] = "GatedRepo" } };
        (int code, string output, string errors) = await RunAsync("download", Repository);
        Assert.Equal(ExitCode.Failure, code);
        Assert.Empty(output);
        Assert.Contains("Accept the repository's terms", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_KilledInTheMiddle_NextRunGoesOn()
    {
        using (Stalled(500_000))
        {
            using ToolProcess tool = new(_hub.Hub.Address, _home.FullName, "download", Repository);
            await WaitForAsync(500_000);
            tool.Kill();
            await tool.EndAsync();
        }

        Assert.Equal(500_000, new FileInfo(Incomplete).Length);
        (int code, _, string errors) = await RunAsync("download", Repository);
        Assert.True(code == ExitCode.Success, errors);
        Assert.Equal(500_000, _hub.Files.Requests.Last().Start);
        Assert.Equal(_hub.Blobs[_weights.Hash], File.ReadAllBytes(Path.Combine(Root, "blobs", _weights.Hash)));
        Assert.False(File.Exists(Incomplete));
    }

    [UnixFact]
    public async Task Download_CtrlC_Exits130AndKeepsWhatCameIn()
    {
        using (Stalled(500_000))
        {
            using ToolProcess tool = new(_hub.Hub.Address, _home.FullName, "download", Repository);
            await WaitForAsync(500_000);
            tool.Interrupt();
            (int code, _, string errors) = await tool.EndAsync();
            Assert.Equal(ExitCode.Cancelled, code);
            Assert.Contains("cancelled", errors, StringComparison.Ordinal);
        }

        Assert.Equal(500_000, new FileInfo(Incomplete).Length);
    }

    [Fact]
    public async Task Inspect_Repository_DownloadsItFirst()
    {
        _hub.AddFolder("owner/tiny", ToolRun.TinyModel);

        (int code, string output, string errors) = await RunAsync("inspect", "owner/tiny");
        Assert.True(code == ExitCode.Success, errors);
        Assert.Contains("owner/tiny: model.safetensors", errors, StringComparison.Ordinal);
        Assert.Contains("inside the checkpoint", output, StringComparison.Ordinal);
        Assert.DoesNotContain("bytes)", output, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _hub.Dispose();
        _home.Delete(recursive: true);
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using ToolProcess tool = new(_hub.Hub.Address, _home.FullName, arguments);
        return await tool.EndAsync();
    }

    /// <summary>As long as it is held, the weights stop coming after so many bytes.</summary>
    private Release Stalled(int bytes)
    {
        _hub.OnFiles = request => _hub.SendFile(request, _weights.Hash) with { StallAfter = bytes };
        return new Release(_hub);
    }

    private async Task WaitForAsync(long length)
    {
        while (!File.Exists(Incomplete) || new FileInfo(Incomplete).Length < length)
        {
            await Task.Delay(20);
        }
    }

    private sealed class Release(FakeHub hub) : IDisposable
    {
        public void Dispose() => hub.OnFiles = null;
    }
}
