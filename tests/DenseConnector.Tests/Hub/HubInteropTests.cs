using System.Diagnostics;
using System.Text.Json;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Tests.Hub;

/// <summary>One cache, two clients: ours and npm's.</summary>
public sealed class HubInteropTests
{
    private const string Repository = "owner/name";

    [HubInteropFact]
    public async Task Cache_OfEachClient_IsFoundByTheOther()
    {
        using FakeHub hub = new();
        using TemporaryFolder ours = new();
        using TemporaryFolder theirs = new();
        hub.Add(Repository, "config.json", "{}");
        hub.Add(Repository, "vision_tower/config.json", "{\"a\":1}");
        hub.Add(Repository, "model.safetensors", new byte[300_000], lfs: true);
        ResolvedModel mine = await ResolveAsync(hub.Hub.Address, ours.Path, offline: false);

        JsonElement npm = await RunAsync(hub, ours.Path, theirs.Path);
        Assert.Equal(0, npm.GetProperty("warnings").GetArrayLength());
        JsonElement repository = npm.GetProperty("repositories").EnumerateArray().Single();
        Assert.Equal(Repository, repository.GetProperty("id").GetProperty("name").GetString());
        Assert.Equal(2, repository.GetProperty("filesCount").GetInt32());
        JsonElement revision = repository.GetProperty("revisions").EnumerateArray().Single();
        Assert.Equal(hub.Commit, revision.GetProperty("commitOid").GetString());
        Assert.Equal("main", revision.GetProperty("refs").EnumerateArray().Single().GetString());
        Assert.Equal(Path.Combine(mine.Folder.Path, "config.json"), npm.GetProperty("found").GetString());

        ResolvedModel found = await ResolveAsync(hub.Hub.Address, theirs.Path, offline: true);
        Assert.Equal(npm.GetProperty("filled").GetString(), found.Folder.Path);

        // Online, what npm fetched is not fetched again: only the list of files is asked for.
        int asked = hub.Hub.Requests.Count;
        await ResolveAsync(hub.Hub.Address, theirs.Path, offline: false);
        Assert.Equal(asked + 1, hub.Hub.Requests.Count);
    }

    private static Task<ResolvedModel> ResolveAsync(string address, string cache, bool offline) =>
        ModelResolver.ResolveAsync(
            Repository,
            new ModelOptions
            {
                Hub = new HubOptions
                {
                    CacheFolder = cache,
                    Endpoint = address,
                    Token = string.Empty,
                    Offline = offline,
                },
            },
            null,
            default);

    private static async Task<JsonElement> RunAsync(FakeHub hub, string read, string fill)
    {
        ProcessStartInfo start = new(Path.Combine(TestData.Root, "tests", "hub-interop", "run"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in new[] { hub.Hub.Address, Repository, hub.Commit, read, fill })
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{output} {await errors}");
        return JsonDocument.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
    }
}
