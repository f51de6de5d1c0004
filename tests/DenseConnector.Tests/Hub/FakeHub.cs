using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace DenseConnector.Tests.Hub;

/// <summary>
/// A hub of our own on loopback: repositories with files in git or in LFS, the answers of the real one to what its
/// Python and JavaScript clients ask, and a second host that large files are redirected to.
/// </summary>
internal sealed class FakeHub : IDisposable
{
    private readonly Dictionary<string, Dictionary<string, FakeFile>> _repositories = [];

    public FakeHub()
    {
        Hub = new HubServer(request => OnHub?.Invoke(request) ?? Answer(request));
        Files = new HubServer(request => OnFiles?.Invoke(request) ?? SendFromFileHost(request));
    }

    /// <summary>The commit that <c>main</c> stands for.</summary>
    public string Commit { get; set; } = new('c', 40);

    /// <summary>The hub.</summary>
    public HubServer Hub { get; }

    /// <summary>The host that files in LFS are redirected to.</summary>
    public HubServer Files { get; }

    /// <summary>Answers in place of the hub; <c>null</c> for the usual answer.</summary>
    public Func<HubRequest, HubReply?>? OnHub { get; set; }

    /// <summary>Answers in place of the file host; <c>null</c> for the usual answer.</summary>
    public Func<HubRequest, HubReply?>? OnFiles { get; set; }

    public bool IgnoresRanges { get; set; }

    /// <summary>The files by hash, as the file host has them; a test may change the bytes under a hash.</summary>
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>Puts a file into a repository; <paramref name="lfs"/> decides hash and host.</summary>
    public FakeFile Add(string repository, string name, byte[] bytes, bool lfs = false)
    {
        using IncrementalHash algorithm = IncrementalHash.CreateHash(
            lfs ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        algorithm.AppendData(lfs ? [] : Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"));
        algorithm.AppendData(bytes);
        string hash = Convert.ToHexStringLower(algorithm.GetHashAndReset());
        if (!_repositories.TryGetValue(repository, out Dictionary<string, FakeFile>? files))
        {
            _repositories.Add(repository, files = []);
        }

        Blobs[hash] = bytes;
        return files[name] = new FakeFile(name, hash, bytes.Length, lfs);
    }

    public FakeFile Add(string repository, string name, string text) =>
        Add(repository, name, Encoding.UTF8.GetBytes(text));

    /// <summary>Puts all files of a folder into a repository.</summary>
    public void AddFolder(string repository, string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            Add(repository, Path.GetRelativePath(folder, file).Replace('\\', '/'), File.ReadAllBytes(file));
        }
    }

    /// <summary>The bytes of a file from where a request asks for them.</summary>
    public HubReply SendFile(HubRequest request, string hash)
    {
        byte[] bytes = Blobs[hash];
        if (IgnoresRanges || request.Start is not long start)
        {
            return new HubReply(200, bytes);
        }

        if (start >= bytes.Length)
        {
            return new HubReply(416, []);
        }

        string end = request.Headers["range"].Split('-')[1];
        long last = end.Length > 0 ? long.Parse(end, CultureInfo.InvariantCulture) : bytes.Length - 1;
        return new HubReply(206, bytes[(int)start..((int)last + 1)])
        {
            Headers = { ["Content-Range"] = $"bytes {start}-{last}/{bytes.Length}" },
        };
    }

    private HubReply SendFromFileHost(HubRequest request)
    {
        // A storage service has an ETag of its own, which is no hash of the file.
        HubReply sent = SendFile(request, request.Path[1..]);
        sent.Headers["ETag"] = "\"of-the-storage-service-3\"";
        return sent;
    }

    public void Dispose()
    {
        Hub.Dispose();
        Files.Dispose();
    }

    private static HubReply NotFound(string code) => new(404, []) { Headers = { ["X-Error-Code"] = code } };

    private static HubReply Json(object value) => new(200, JsonSerializer.SerializeToUtf8Bytes(value))
    {
        Headers = { ["Content-Type"] = "application/json" },
    };

    private HubReply Answer(HubRequest request)
    {
        string[] parts = request.Path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            ["api", "models", var owner, var name, var kind, var revision] =>
                Find($"{owner}/{name}", revision) is { } files
                ? Describe(request, kind, files)
                : NotFound(_repositories.ContainsKey($"{owner}/{name}") ? "RevisionNotFound" : "RepoNotFound"),
            [var owner, var name, "resolve", var revision, .. var path] =>
                Find($"{owner}/{name}", revision)?.GetValueOrDefault(string.Join('/', path)) is FakeFile file
                    ? Resolve(request, file)
                    : NotFound("EntryNotFound"),
            _ => NotFound("RepoNotFound"),
        };
    }

    private Dictionary<string, FakeFile>? Find(string repository, string revision) =>
        revision == "main" || revision == Commit ? _repositories.GetValueOrDefault(repository) : null;

    private HubReply Describe(HubRequest request, string kind, Dictionary<string, FakeFile> files)
    {
        object Entry(FakeFile file) => new Dictionary<string, object?>
        {
            ["type"] = "file",
            ["path"] = file.Name,
            ["oid"] = file.IsLfs ? new string('0', 40) : file.Hash,
            ["size"] = file.Size,
            ["lfs"] = file.IsLfs ? new { oid = file.Hash, size = file.Size, pointerSize = 130 } : null,
            ["lastCommit"] = new { id = Commit, title = "one", date = "2024-05-01T00:00:00Z" },
        };
        return kind switch
        {
            "revision" => Json(new
            {
                _id = "1",
                id = "x",
                sha = Commit,
                siblings = files.Keys.Select(name => new { rfilename = name }),
            }),
            "tree" => Json(files.Values.Select(Entry)),
            "paths-info" => Json(JsonDocument.Parse(request.Body).RootElement.GetProperty("paths").EnumerateArray()
                .Select(path => Entry(files[path.GetString()!]))),
            _ => NotFound("RepoNotFound"),
        };
    }

    private HubReply Resolve(HubRequest request, FakeFile file)
    {
        if (!file.IsLfs)
        {
            HubReply sent = SendFile(request, file.Hash);
            sent.Headers["ETag"] = $"\"{file.Hash}\"";
            sent.Headers["X-Repo-Commit"] = Commit;
            return sent;
        }

        return new HubReply(302, "Found. Redirecting"u8.ToArray())
        {
            Headers =
            {
                ["Location"] = $"{Files.Address}/{file.Hash}",
                ["X-Repo-Commit"] = Commit,
                ["X-Linked-ETag"] = $"\"{file.Hash}\"",
                ["X-Linked-Size"] = file.Size.ToString(CultureInfo.InvariantCulture),
            },
        };
    }
}
