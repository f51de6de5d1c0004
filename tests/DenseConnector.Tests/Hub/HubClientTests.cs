using DenseConnector.Hub;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Tests.Hub;

public sealed class HubClientTests : IDisposable
{
    private const string Repository = "owner/name";
    private const string Weights = "model.safetensors";
    private static readonly RepositoryName Name = new("owner", "name");

    private readonly FakeHub _hub = new();
    private readonly TemporaryFolder _folder = new();

    public HubClientTests()
    {
        _hub.Add(Repository, "config.json", "{}");
        Large = _hub.Add(Repository, Weights, Bytes(700_000), lfs: true);
    }

    private FakeFile Large { get; }

    private string Snapshot => Path.Combine(_folder.Path, "models--owner--name", "snapshots", _hub.Commit);

    private string Incomplete =>
        Path.Combine(_folder.Path, "models--owner--name", "blobs", Large.Hash + ".incomplete");

    [Fact]
    public async Task DownloadAsync_NewFiles_LieInTheSharedLayout()
    {
        await DownloadAsync();

        string root = Path.Combine(_folder.Path, "models--owner--name");
        Assert.Equal(_hub.Commit, File.ReadAllText(Path.Combine(root, "refs", "main")));
        Assert.Equal(_hub.Blobs[Large.Hash], File.ReadAllBytes(Path.Combine(root, "blobs", Large.Hash)));
        Assert.Equal(
            Path.Combine("..", "..", "blobs", Large.Hash), new FileInfo(Path.Combine(Snapshot, Weights)).LinkTarget);
        Assert.Equal("{}", File.ReadAllText(Path.Combine(Snapshot, "config.json")));
        Assert.True(File.Exists(Path.Combine(_folder.Path, ".locks", "models--owner--name", Large.Hash + ".lock")));
        Assert.False(File.Exists(Incomplete));
    }

    [Fact]
    public async Task DownloadAsync_FileInFolder_LinksUpFromIt()
    {
        FakeFile inner = _hub.Add(Repository, "vision_tower/config.json", "{\"inner\":1}");
        await DownloadAsync("vision_tower/config.json");
        Assert.Equal(
            Path.Combine("..", "..", "..", "blobs", inner.Hash),
            new FileInfo(Path.Combine(Snapshot, "vision_tower", "config.json")).LinkTarget);
    }

    [Fact]
    public async Task DownloadAsync_NoSymbolicLinks_Copies()
    {
        using HubClient client = new(Settings())
        {
            Cache = new HubCache(_folder.Path) { UsesSymbolicLinks = false },
        };
        await DownloadAsync(client, Weights);
        FileInfo file = new(Path.Combine(Snapshot, Weights));
        Assert.Null(file.LinkTarget);
        Assert.Equal(_hub.Blobs[Large.Hash], File.ReadAllBytes(file.FullName));
    }

    [Fact]
    public async Task DownloadAsync_Twice_AsksForNoFileAgain()
    {
        await DownloadAsync();
        int asked = _hub.Hub.Requests.Count + _hub.Files.Requests.Count;
        await DownloadAsync();
        Assert.Equal(asked + 1, _hub.Hub.Requests.Count + _hub.Files.Requests.Count);
    }

    [Fact]
    public async Task DownloadAsync_TwoClientsAtOnce_FetchTheBytesOnce()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => DownloadAsync()));
        Assert.Single(_hub.Files.Requests, request => request.Method == "GET");
        Assert.Equal(_hub.Blobs[Large.Hash], File.ReadAllBytes(Path.Combine(Snapshot, Weights)));
    }

    [Fact]
    public async Task DownloadAsync_RedirectToAnotherHost_KeepsTheTokenBack()
    {
        await DownloadAsync(Settings(token: "hf_secret"));
        Assert.All(_hub.Hub.Requests, request => Assert.Equal("Bearer hf_secret", request.Authorization));
        Assert.NotEmpty(_hub.Files.Requests);
        Assert.All(_hub.Files.Requests, request => Assert.Null(request.Authorization));
    }

    [Fact]
    public async Task DownloadAsync_RedirectWithinTheHub_SendsTheToken()
    {
        _hub.OnHub = request => request.Path.Contains("/main", StringComparison.Ordinal) &&
            request.Path.StartsWith("/api", StringComparison.Ordinal)
            ? new HubReply(307, [])
            {
                Headers = { ["Location"] = request.Path.Replace("main", _hub.Commit, StringComparison.Ordinal) },
            }
            : null;
        await DownloadAsync(Settings(token: "hf_secret"));
        Assert.All(_hub.Hub.Requests, request => Assert.Equal("Bearer hf_secret", request.Authorization));
    }

    [Fact]
    public async Task DownloadAsync_RedirectsWithoutEnd_Throws()
    {
        _hub.OnFiles = request => new HubReply(302, []) { Headers = { ["Location"] = request.Path } };
        HubException e = await Assert.ThrowsAsync<HubException>(() => DownloadAsync());
        Assert.Contains("redirects more than", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DownloadAsync_RedirectToAFile_Throws()
    {
        _hub.OnHub = request => request.Method == "GET" && request.Path.EndsWith(Weights, StringComparison.Ordinal)
            ? new HubReply(302, []) { Headers = { ["Location"] = "file:///etc/passwd" } }
            : null;
        HubException e = await Assert.ThrowsAsync<HubException>(() => DownloadAsync());
        Assert.Contains("no web address", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DownloadAsync_ConnectionBreaks_GoesOnWhereItBroke()
    {
        BreakOnce(after: 300_000);
        await DownloadAsync();
        Assert.Equal([null, 300_000], _hub.Files.Requests.Select(request => request.Start));
        Assert.Equal(_hub.Blobs[Large.Hash], File.ReadAllBytes(Path.Combine(Snapshot, Weights)));
    }

    [Fact]
    public async Task DownloadAsync_BreaksManyTimesButMoves_GetsThere()
    {
        // More breaks than tries allowed without progress.
        _hub.OnFiles = request => _hub.SendFile(request, Large.Hash) with { BreakAfter = 50_000 };
        await DownloadAsync();
        Assert.Equal(14, _hub.Files.Requests.Count);
        Assert.Equal(_hub.Blobs[Large.Hash], File.ReadAllBytes(Path.Combine(Snapshot, Weights)));
    }

    [Fact]
    public async Task DownloadAsync_ServerIgnoresRanges_StartsAnew()
    {
        _hub.IgnoresRanges = true;
        BreakOnce(after: 300_000);
        await DownloadAsync();
        Assert.Equal(_hub.Blobs[Large.Hash], File.ReadAllBytes(Path.Combine(Snapshot, Weights)));
    }

    [Fact]
    public async Task DownloadAsync_ServerIgnoresRangesAndAlwaysBreaks_GivesUp()
    {
        _hub.OnFiles = request => new HubReply(200, _hub.Blobs[Large.Hash]) { BreakAfter = 300_000 };
        HubException e = await Assert.ThrowsAsync<HubException>(() => DownloadAsync());
        Assert.Contains("broke", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(700_000)]
    [InlineData(0)]
    public async Task DownloadAsync_IncompleteFileOfAnEarlierRun_IsTakenOver(int length)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Incomplete)!);
        File.WriteAllBytes(Incomplete, _hub.Blobs[Large.Hash][..length]);
        await DownloadAsync();
        Assert.Equal(700_000 - length, _hub.Files.Requests.Sum(request => 700_000 - (request.Start ?? 0)));
        Assert.Equal(_hub.Blobs[Large.Hash], File.ReadAllBytes(Path.Combine(Snapshot, Weights)));
        Assert.False(File.Exists(Incomplete));
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(700_000)]
    [InlineData(900_000)]
    public async Task DownloadAsync_IncompleteFileOfOtherContent_StartsAnew(int length)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Incomplete)!);
        File.WriteAllBytes(Incomplete, new byte[length]);
        await DownloadAsync();
        Assert.Equal(_hub.Blobs[Large.Hash], File.ReadAllBytes(Path.Combine(Snapshot, Weights)));
    }

    [Fact]
    public async Task DownloadAsync_ContentChangesBetweenPieces_NeverMixesThem()
    {
        int requests = 0;
        byte[] other = new byte[700_000];
        _hub.OnFiles = request => Interlocked.Increment(ref requests) switch
        {
            1 => _hub.SendFile(request, Large.Hash) with { BreakAfter = 300_000 },
            2 => new HubReply(206, other[300_000..])
            {
                Headers = { ["Content-Range"] = "bytes 300000-699999/700000" },
            },
            _ => null,
        };
        await DownloadAsync();
        Assert.Equal(3, requests);
        Assert.Equal(_hub.Blobs[Large.Hash], File.ReadAllBytes(Path.Combine(Snapshot, Weights)));
    }

    [Theory]
    [InlineData("bytes 0-399999/700000")]
    [InlineData("bytes 300000-699999/800000")]
    public async Task DownloadAsync_RangeOtherThanAskedFor_StartsAnew(string range)
    {
        int requests = 0;
        _hub.OnFiles = request => Interlocked.Increment(ref requests) switch
        {
            1 => _hub.SendFile(request, Large.Hash) with { BreakAfter = 300_000 },
            2 => new HubReply(206, new byte[400_000]) { Headers = { ["Content-Range"] = range } },
            _ => null,
        };
        await DownloadAsync();
        Assert.Null(_hub.Files.Requests.Last().Start);
        Assert.Equal(_hub.Blobs[Large.Hash], File.ReadAllBytes(Path.Combine(Snapshot, Weights)));
    }

    [Fact]
    public async Task DownloadAsync_WrongBytesInLfs_ThrowsAndKeepsNothing()
    {
        _hub.Blobs[Large.Hash] = new byte[700_000];
        HubException e = await Assert.ThrowsAsync<HubException>(() => DownloadAsync());
        Assert.Equal(Weights, e.File);
        Assert.Contains($"expected hash {Large.Hash}", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Incomplete));
        Assert.False(File.Exists(Path.Combine(Snapshot, Weights)));
        Assert.Single(_hub.Files.Requests);
    }

    [Fact]
    public async Task DownloadAsync_WrongBytesInGit_Throws()
    {
        FakeFile small = _hub.Add(Repository, "tokenizer.json", "[1]");
        _hub.Blobs[small.Hash] = "[2]"u8.ToArray();
        HubException e = await Assert.ThrowsAsync<HubException>(() => DownloadAsync("tokenizer.json"));
        Assert.Contains("damaged", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Snapshot, "tokenizer.json")));
    }

    [Fact]
    public async Task DownloadAsync_WrongPiecesAgainAndAgain_Ends()
    {
        _hub.Blobs[Large.Hash] = new byte[700_000];
        _hub.OnFiles = request => _hub.SendFile(request, Large.Hash) with { BreakAfter = 400_000 };
        HubException e = await Assert.ThrowsAsync<HubException>(() => DownloadAsync());
        Assert.Contains("damaged", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DownloadAsync_EmptyFile_IsEmpty()
    {
        _hub.Add(Repository, "merges.txt", string.Empty);
        await DownloadAsync("merges.txt");
        Assert.Empty(File.ReadAllBytes(Path.Combine(Snapshot, "merges.txt")));
    }

    [Fact]
    public async Task DownloadAsync_BlobCutShort_IsFetchedAgain()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Incomplete)!);
        File.WriteAllBytes(Incomplete[..^".incomplete".Length], new byte[5]);
        await DownloadAsync();
        Assert.Equal(_hub.Blobs[Large.Hash], File.ReadAllBytes(Path.Combine(Snapshot, Weights)));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task ListAsync_TransientStatus_TriesAgain(int status)
    {
        int requests = 0;
        _hub.OnHub = request => Interlocked.Increment(ref requests) <= 2
            ? new HubReply(status, []) { Headers = { ["Retry-After"] = "0" } }
            : null;
        using HubClient client = new(Settings());
        Assert.Equal(_hub.Commit, (await client.ListAsync(Name, "main", default)).Commit);
        Assert.Equal(3, requests);
    }

    [Fact]
    public async Task ListAsync_AlwaysTransientStatus_GivesUp()
    {
        _hub.OnHub = request => new HubReply(503, []);
        using HubClient client = new(Settings());
        HubException e = await Assert.ThrowsAsync<HubException>(() => client.ListAsync(Name, "main", default));
        Assert.Equal(503, e.StatusCode);
        Assert.Equal(5, _hub.Hub.Requests.Count);
    }

    [Fact]
    public async Task ListAsync_RetryAfterHours_FailsAtOnceAndSaysSo()
    {
        _hub.OnHub = request => new HubReply(429, []) { Headers = { ["Retry-After"] = "7200" } };
        using HubClient client = new(Settings());
        HubException e = await Assert.ThrowsAsync<HubException>(() => client.ListAsync(Name, "main", default));
        Assert.Contains("7200 s", e.Message, StringComparison.Ordinal);
        Assert.Single(_hub.Hub.Requests);
    }

    [Theory]
    [InlineData(401, "", "HF_TOKEN")]
    [InlineData(403, "GatedRepo", "accept the repository's terms")]
    [InlineData(404, "RepoNotFound", "no such repository")]
    [InlineData(404, "RevisionNotFound", "no revision 'main'")]
    public async Task ListAsync_Refused_SaysWhatToDo(int status, string code, string words)
    {
        _hub.OnHub = request => new HubReply(status, []) { Headers = { ["X-Error-Code"] = code } };
        using HubClient client = new(Settings());
        HubException e = await Assert.ThrowsAsync<HubException>(() => client.ListAsync(Name, "main", default));
        Assert.Equal(status, e.StatusCode);
        Assert.StartsWith("owner/name: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(words, e.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Single(_hub.Hub.Requests);
    }

    [Fact]
    public async Task DownloadAsync_GatedFile_NamesItAndTheRemedy()
    {
        _hub.OnHub = request => request.Path.EndsWith(Weights, StringComparison.Ordinal)
            ? new HubReply(403, []) { Headers = { ["X-Error-Code"] = "GatedRepo" } }
            : null;
        HubException e = await Assert.ThrowsAsync<HubException>(() => DownloadAsync(Settings(token: "hf_secret")));
        Assert.Equal(Weights, e.File);
        Assert.Contains("403, a gated repository", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DownloadAsync_FileThatIsNotThere_NamesIt()
    {
        HubException e = await Assert.ThrowsAsync<HubException>(() => DownloadAsync("vocab.json"));
        Assert.Equal(404, e.StatusCode);
        Assert.Equal("vocab.json", e.File);
    }

    [Fact]
    public async Task DownloadAsync_FileHostRefuses_AsksTheHubForANewAddress()
    {
        int requests = 0;
        _hub.OnFiles = request => Interlocked.Increment(ref requests) == 1 ? new HubReply(403, []) : null;
        await DownloadAsync();
        Assert.Equal(2, _hub.Hub.Requests.Count(
            request => request.Method == "GET" && request.Path.EndsWith(Weights, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task DownloadAsync_ServerFallsSilent_TriesAgain()
    {
        int requests = 0;
        _hub.OnFiles = request => Interlocked.Increment(ref requests) == 1
            ? _hub.SendFile(request, Large.Hash) with { StallAfter = 300_000 }
            : null;
        await DownloadAsync(Settings(stall: TimeSpan.FromSeconds(1)));
        Assert.Equal([null, 300_000], _hub.Files.Requests.Select(request => request.Start));
    }

    [Fact]
    public async Task ListAsync_NobodyListens_SaysUnreachableAtOnce()
    {
        string address = _hub.Hub.Address;
        _hub.Hub.Dispose();
        using HubClient client = new(Settings(address: address));
        HubException e = await Assert.ThrowsAsync<HubException>(() => client.ListAsync(Name, "main", default));
        Assert.True(e.IsUnreachable);
        Assert.Contains("cannot be reached", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{\"sha\":\"../../../etc\",\"siblings\":[]}")]
    [InlineData("{\"sha\":\"cccccccccccccccccccccccccccccccccccccccc\"}")]
    [InlineData("{\"sha\":\"cccccccccccccccccccccccccccccccccccccccc\",\"siblings\":[{}]}")]
    public async Task ListAsync_NonsenseAnswer_Throws(string text)
    {
        _hub.OnHub = request => new HubReply(200, System.Text.Encoding.UTF8.GetBytes(text));
        using HubClient client = new(Settings());
        await Assert.ThrowsAsync<HubException>(() => client.ListAsync(Name, "main", default));
    }

    [Theory]
    [InlineData("../../escape.json")]
    [InlineData("/etc/escape.json")]
    [InlineData("a/../../escape.json")]
    [InlineData("..\\escape.json")]
    [InlineData("C:escape.json")]
    [InlineData("a//b")]
    [InlineData("tab\there")]
    public async Task DownloadAsync_NameThatLeavesTheCache_IsNeitherListedNorWritten(string name)
    {
        _hub.Add(Repository, name, "evil");
        using HubClient client = new(Settings());
        HubListing listing = await client.ListAsync(Name, "main", default);
        Assert.DoesNotContain(name, listing.Files);
        await Assert.ThrowsAsync<HubException>(() => client.DownloadAsync(listing, [name], null, default));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("\"../../evil\"")]
    [InlineData("\"abc\"")]
    [InlineData(null)]
    public async Task DownloadAsync_HashThatIsNone_Throws(string? hash)
    {
        _hub.OnHub = request => request.Method != "HEAD" ? null
            : new HubReply(200, []) { Headers = hash is null ? [] : new() { ["ETag"] = hash } };
        HubException e = await Assert.ThrowsAsync<HubException>(() => DownloadAsync("config.json"));
        Assert.Contains("names no hash", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DownloadAsync_FileOfAnotherCommit_Throws()
    {
        _hub.OnHub = request => request.Method != "HEAD" ? null : new HubReply(200, [])
        {
            Headers = { ["ETag"] = $"\"{new string('a', 40)}\"", ["X-Repo-Commit"] = new string('d', 40) },
        };
        HubException e = await Assert.ThrowsAsync<HubException>(() => DownloadAsync("config.json"));
        Assert.Contains($"expected {_hub.Commit}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DownloadAsync_MoreThanTheDiskHolds_SaysSoBeforehand()
    {
        _hub.OnHub = request => request.Method != "HEAD" ? null : new HubReply(302, [])
        {
            Headers =
            {
                ["X-Linked-ETag"] = $"\"{Large.Hash}\"",
                ["X-Linked-Size"] = $"{1L << 60}",
                ["Location"] = "/x",
            },
        };
        HubException e = await Assert.ThrowsAsync<HubException>(() => DownloadAsync(Weights));
        Assert.Contains("1,152,921,504,606,846,976 bytes", e.Message, StringComparison.Ordinal);
        Assert.Contains("HF_HUB_CACHE", e.Message, StringComparison.Ordinal);
        Assert.Empty(_hub.Files.Requests);
    }

    [LinuxX64Fact]
    public async Task DownloadAsync_DiskRunsFull_SaysSo()
    {
        // The device on which every write finds the disk full.
        Directory.CreateDirectory(Path.GetDirectoryName(Incomplete)!);
        File.CreateSymbolicLink(Incomplete, "/dev/full");
        HubException e = await Assert.ThrowsAsync<HubException>(() => DownloadAsync());
        Assert.Contains("is full", e.Message, StringComparison.Ordinal);
        Assert.Equal(Weights, e.File);
    }

    [Fact]
    public async Task DownloadAsync_Cancelled_KeepsWhatCameInAndGoesOn()
    {
        using CancellationTokenSource cancel = new();
        _hub.OnFiles = request => _hub.SendFile(request, Large.Hash) with { StallAfter = 300_000 };
        Progress progress = new(value =>
        {
            if (value is { File: Weights, BytesDone: 300_000 })
            {
                cancel.Cancel();
            }
        });
        using HubClient client = new(Settings());
        HubListing listing = await client.ListAsync(Name, "main", default);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.DownloadAsync(listing, [Weights], progress, cancel.Token));
        Assert.Equal(300_000, new FileInfo(Incomplete).Length);

        _hub.OnFiles = null;
        await DownloadAsync();
        Assert.Equal(300_000, _hub.Files.Requests.Last().Start);
        Assert.Equal(_hub.Blobs[Large.Hash], File.ReadAllBytes(Path.Combine(Snapshot, Weights)));
    }

    [Fact]
    public async Task DownloadAsync_Progress_GrowsToTheFilesSize()
    {
        List<DownloadProgress> reports = [];
        using HubClient client = new(Settings());
        HubListing listing = await client.ListAsync(Name, "main", default);
        await client.DownloadAsync(listing, [Weights], new Progress(reports.Add), default);
        Assert.Equal(DownloadState.Waiting, reports[0].State);
        Assert.Equal(
            new DownloadProgress(Repository, Weights, 700_000, 700_000, DownloadState.Complete), reports[^1]);
        Assert.Equal(reports.Select(report => report.BytesDone).Order(), reports.Select(report => report.BytesDone));
    }

    [Fact]
    public async Task DownloadAsync_ManyFiles_AtMostSoManyAtOnce()
    {
        int now = 0;
        int most = 0;
        for (int index = 0; index < 12; index++)
        {
            _hub.Add(Repository, $"file{index}", Bytes(1000 + index), lfs: true);
        }

        _hub.OnFiles = request =>
        {
            int running = Interlocked.Increment(ref now);
            lock (_hub)
            {
                most = Math.Max(most, running);
            }

            Thread.Sleep(20);
            Interlocked.Decrement(ref now);
            return null;
        };
        await DownloadAsync([.. Enumerable.Range(0, 12).Select(index => $"file{index}")]);
        Assert.InRange(most, 1, 4);
    }

    public void Dispose()
    {
        _hub.Dispose();
        _folder.Dispose();
    }

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private void BreakOnce(int after)
    {
        int requests = 0;
        _hub.OnFiles = request => Interlocked.Increment(ref requests) == 1
            ? _hub.SendFile(request, Large.Hash) with { BreakAfter = after }
            : null;
    }

    private HubSettings Settings(string? token = null, TimeSpan? stall = null, string? address = null) => new()
    {
        CacheFolder = _folder.Path,
        Endpoint = new Uri(address ?? _hub.Hub.Address),
        Token = token,
        RetryDelay = TimeSpan.FromMilliseconds(1),
        StallTimeout = stall ?? TimeSpan.FromSeconds(60),
    };

    private Task DownloadAsync(params string[] files) => DownloadAsync(Settings(), files);

    private static async Task DownloadAsync(HubSettings settings, params string[] files)
    {
        using HubClient client = new(settings);
        await DownloadAsync(client, files);
    }

    private static async Task DownloadAsync(HubClient client, params string[] files)
    {
        HubListing listing = await client.ListAsync(Name, "main", default);
        await client.DownloadAsync(listing, files.Length == 0 ? ["config.json", Weights] : files, null, default);
        client.Publish(listing, []);
    }

    /// <summary>Reports at once, on the thread that reports.</summary>
    private sealed class Progress(Action<DownloadProgress> action) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value)
        {
            lock (this)
            {
                action(value);
            }
        }
    }
}
