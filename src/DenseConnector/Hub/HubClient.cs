using System.Globalization;
using System.Text.Json;

namespace DenseConnector.Hub;

/// <summary>Downloads files of a repository into the cache.</summary>
/// <remarks>
/// Thread-safe, in this process and with others that share the cache, Python's and npm's libraries included. A download
/// that is cancelled or killed goes on where it ended. Whoever creates it disposes it.
/// </remarks>
internal sealed class HubClient : IDisposable
{
    private const int MaxListingBytes = 64 << 20;
    private const int ParallelQuestions = 8;

    private readonly HubSettings _settings;
    private readonly HubTransport _transport;

    /// <summary>Prepares to talk to the hub that the settings name; no connection is made.</summary>
    public HubClient(HubSettings settings)
    {
        _settings = settings;
        Cache = new HubCache(settings.CacheFolder);
        _transport = new HubTransport(settings);
    }

    /// <summary>Where the files go.</summary>
    public HubCache Cache { get; init; }

    /// <summary>Asks what a repository holds.</summary>
    /// <exception cref="HubException">The hub cannot be reached, refuses, or answers nonsense.</exception>
    public async Task<HubListing> ListAsync(
        RepositoryName repository, string revision, CancellationToken cancellation)
    {
        HubSubject subject = new(repository, revision);
        Uri address = _transport.Address("api", "models", repository.Owner, repository.Name, "revision", revision);
        byte[] json = await RetryAsync(() => ReadAllAsync(address, subject, cancellation), cancellation)
            .ConfigureAwait(false);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            string commit = document.RootElement.GetProperty("sha").GetString() ?? string.Empty;
            if (!HubPath.IsHash(commit, BlobHash.GitLength))
            {
                throw HubErrors.Malformed(repository, null, "the server names no commit of 40 hexadecimal digits.");
            }

            // Names that could not lie in a cache belong to no file that is needed.
            List<string> files = [.. document.RootElement.GetProperty("siblings").EnumerateArray()
                .Select(file => file.GetProperty("rfilename").GetString() ?? string.Empty)
                .Where(name => HubPath.ProblemOf(name) is null)];
            return new HubListing(repository, revision, commit, files);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw HubErrors.Malformed(repository, null, $"the list of files cannot be read ({e.Message})", e);
        }
    }

    /// <summary>Downloads files, several at a time; those that are there already cost nothing.</summary>
    /// <param name="listing">What the repository holds.</param>
    /// <param name="files">The files wanted.</param>
    /// <param name="progress">Told how far each file has come; several tasks report at once.</param>
    /// <param name="cancellation">Ends the download; what came in is kept and gone on with next time.</param>
    /// <exception cref="HubException">A file cannot be had; the others are ended too.</exception>
    public async Task DownloadAsync(
        HubListing listing,
        IReadOnlyList<string> files,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellation)
    {
        RepositoryName repository = listing.Repository;
        string? unsafeName = files.FirstOrDefault(name => HubPath.ProblemOf(name) is not null);
        if (unsafeName is not null)
        {
            throw HubErrors.Malformed(repository, null, $"a file's name {HubPath.ProblemOf(unsafeName)}.");
        }

        HubFile[] missing = await DescribeAsync(
            listing,
            [.. files.Where(name => !Cache.HasFile(repository, listing.Commit, name))],
            cancellation).ConfigureAwait(false);
        try
        {
            Cache.RequireSpace(repository, missing.DistinctBy(file => file.Hash).Sum(
                file => file.Size - LengthOf(BlobDownload.IncompletePath(Cache.BlobPath(repository, file.Hash))) -
                    LengthOf(Cache.BlobPath(repository, file.Hash))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw HubErrors.Storage(repository, null, _settings.CacheFolder, e);
        }

        foreach (HubFile file in missing)
        {
            Report(file, 0, DownloadState.Waiting);
        }

        ParallelOptions options = new()
        {
            MaxDegreeOfParallelism = _settings.ParallelFiles,
            CancellationToken = cancellation,
        };
        await Parallel.ForEachAsync(missing, options, async (file, token) =>
        {
            await DownloadAsync(listing, file, (done, state) => Report(file, done, state), token).ConfigureAwait(false);
        }).ConfigureAwait(false);

        void Report(HubFile file, long done, DownloadState state) => progress?.Report(
            new DownloadProgress(repository.ToString(), file.Name, done, file.Size, state));
    }

    /// <summary>Makes a finished snapshot the one that its branch stands for.</summary>
    /// <param name="listing">What the repository holds.</param>
    /// <param name="absent">Files that were looked for; those the repository does not have are noted.</param>
    /// <exception cref="HubException">The cache cannot be written.</exception>
    public void Publish(HubListing listing, IEnumerable<string> absent)
    {
        try
        {
            foreach (string name in absent.Except(listing.Files))
            {
                Cache.MarkAbsent(listing.Repository, listing.Commit, name);
            }

            // Last: an older snapshot stays the branch's until the new one is whole.
            Cache.WriteReference(listing.Repository, listing.Revision, listing.Commit);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw HubErrors.Storage(listing.Repository, null, _settings.CacheFolder, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    private async Task<HubFile[]> DescribeAsync(
        HubListing listing, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        HubFile[] files = new HubFile[names.Count];
        ParallelOptions options = new()
        {
            MaxDegreeOfParallelism = ParallelQuestions,
            CancellationToken = cancellation,
        };
        await Parallel.ForAsync(0, names.Count, options, async (index, token) =>
        {
            files[index] = await RetryAsync(() => DescribeAsync(listing, names[index], token), token)
                .ConfigureAwait(false);
        }).ConfigureAwait(false);
        return files;
    }

    /// <summary>
    /// Asks for a file's hash and size; the hub gives them beside a redirect, or as those of the file.
    /// </summary>
    private async Task<HubFile> DescribeAsync(HubListing listing, string name, CancellationToken cancellation)
    {
        HubSubject subject = new(listing.Repository, listing.Revision, name);
        using HttpResponseMessage response = await _transport.SendAsync(
            HttpMethod.Head, FileAddress(listing, name), subject, 0, cancellation).ConfigureAwait(false);
        string? hash = (Header("X-Linked-ETag") ?? Header("ETag"))?
            .Replace("W/", string.Empty, StringComparison.Ordinal).Trim('"').ToLowerInvariant();
        if (hash is null || !(HubPath.IsHash(hash, BlobHash.GitLength) || HubPath.IsHash(hash, BlobHash.LfsLength)))
        {
            throw HubErrors.Malformed(
                listing.Repository,
                name,
                $"the server names no hash of {name} (ETag), so that it could not be checked.");
        }

        // The length of a redirect is that of its own text.
        string? length = Header("X-Linked-Size") ??
            (response.IsSuccessStatusCode
                ? response.Content.Headers.ContentLength?.ToString(CultureInfo.InvariantCulture)
                : null);
        if (!long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out long size))
        {
            throw HubErrors.Malformed(listing.Repository, name, $"the server does not say how long {name} is.");
        }

        return Header("X-Repo-Commit") is string commit && commit != listing.Commit
            ? throw HubErrors.Malformed(
                listing.Repository, name, $"the server has {name} of commit {commit}, expected {listing.Commit}.")
            : new HubFile(name, hash, size);

        string? Header(string header) =>
            response.Headers.TryGetValues(header, out IEnumerable<string>? values) ? values.First() : null;
    }

    private async Task DownloadAsync(
        HubListing listing, HubFile file, Action<long, DownloadState> report, CancellationToken cancellation)
    {
        RepositoryName repository = listing.Repository;
        try
        {
            using HubLock held = await Cache.LockAsync(
                repository, file.Hash, () => report(0, DownloadState.Waiting), cancellation).ConfigureAwait(false);
            string blob = Cache.BlobPath(repository, file.Hash);
            if (!HubCache.IsFile(blob) || LengthOf(blob) != file.Size)
            {
                using BlobDownload download = new(
                    _transport,
                    _settings,
                    new HubSubject(repository, listing.Revision, file.Name),
                    FileAddress(listing, file.Name),
                    file,
                    blob,
                    done => report(done, DownloadState.Downloading));
                await download.RunAsync(cancellation).ConfigureAwait(false);
            }

            Cache.Link(repository, listing.Commit, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw HubErrors.Storage(repository, file.Name, _settings.CacheFolder, e);
        }

        report(file.Size, DownloadState.Complete);
    }

    private Uri FileAddress(HubListing listing, string name) => _transport.Address(
        [listing.Repository.Owner, listing.Repository.Name, "resolve", listing.Commit, .. name.Split('/')]);

    private async Task<byte[]> ReadAllAsync(Uri address, HubSubject subject, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await _transport.SendAsync(
            HttpMethod.Get, address, subject, 0, cancellation).ConfigureAwait(false);
        Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            using MemoryStream text = new();
            byte[] buffer = new byte[1 << 16];
            int count;
            while ((count = await _transport.ReadAsync(body, buffer, address, subject, cancellation)
                .ConfigureAwait(false)) > 0)
            {
                text.Write(buffer, 0, count);
                if (text.Length > MaxListingBytes)
                {
                    throw HubErrors.Malformed(
                        subject.Repository, null, $"the list of files has more than {MaxListingBytes} bytes.");
                }
            }

            return text.ToArray();
        }
    }

    private async Task<T> RetryAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        for (HubRetry retry = new(_settings); ;)
        {
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (HubException e) when (e.IsTransient)
            {
                await retry.WaitAsync(e, cancellation).ConfigureAwait(false);
            }
        }
    }

    private static long LengthOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
