namespace DenseConnector.Hub;

/// <summary>
/// The folder where downloaded models lie, in the layout that Hugging Face's Python and JavaScript libraries share.
/// </summary>
/// <remarks>
/// <para>
/// <c>models--owner--name/blobs/hash</c> holds the bytes, <c>snapshots/commit/file</c> links to them,
/// <c>refs/branch</c> holds the commit a branch stood for, <c>.no_exist/commit/file</c> marks a file known to be
/// absent, and <c>.locks/models--owner--name/hash.lock</c> guards a blob (huggingface_hub, guide "Understand caching").
/// </para>
/// <para>Thread-safe: it keeps no state, and a blob is written only under its lock.</para>
/// </remarks>
internal sealed class HubCache(string folder)
{
    private const string Blobs = "blobs";
    private const string References = "refs";
    private const string Snapshots = "snapshots";
    private const string Absent = ".no_exist";

    /// <summary>Whether links are tried; without them a snapshot holds the files themselves, as on Windows.</summary>
    public bool UsesSymbolicLinks { get; init; } = true;

    /// <summary>The path of a blob.</summary>
    public string BlobPath(RepositoryName repository, string hash) =>
        HubPath.Join(Path.Combine(RepositoryFolder(repository), Blobs), hash);

    /// <summary>The folder of a snapshot.</summary>
    public string SnapshotFolder(RepositoryName repository, string commit) =>
        HubPath.Join(Path.Combine(RepositoryFolder(repository), Snapshots), commit);

    /// <summary>The commit of the snapshot that a revision stands for on this machine, or <c>null</c>.</summary>
    public string? FindCommit(RepositoryName repository, string revision)
    {
        string? commit = HubPath.IsHash(revision, BlobHash.GitLength) ? revision : ReadReference(repository, revision);
        return commit is not null && Directory.Exists(SnapshotFolder(repository, commit)) ? commit : null;
    }

    /// <summary>Whether a snapshot has a file, its bytes included.</summary>
    public bool HasFile(RepositoryName repository, string commit, string file) =>
        IsFile(HubPath.Join(SnapshotFolder(repository, commit), file));

    /// <summary>Whether it is known that a commit does not have a file.</summary>
    public bool IsAbsent(RepositoryName repository, string commit, string file) =>
        File.Exists(AbsentPath(repository, commit, file));

    /// <summary>Notes that a commit does not have a file.</summary>
    public void MarkAbsent(RepositoryName repository, string commit, string file)
    {
        string path = AbsentPath(repository, commit, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Open(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite).Dispose();
    }

    /// <summary>Notes the commit a branch or tag stands for; of a commit nothing needs to be noted.</summary>
    public void WriteReference(RepositoryName repository, string revision, string commit)
    {
        // Made in any case: npm's scan of the cache fails on a repository without it.
        string references = Path.Combine(RepositoryFolder(repository), References);
        Directory.CreateDirectory(references);
        if (revision == commit || ReadReference(repository, revision) == commit)
        {
            return;
        }

        string path = HubPath.Join(references, revision);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string draft = $"{path}.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(draft, commit);
        File.Move(draft, path, overwrite: true);
    }

    /// <summary>Takes the lock of a blob.</summary>
    public Task<HubLock> LockAsync(
        RepositoryName repository, string hash, Action waiting, CancellationToken cancellation) => HubLock.AcquireAsync(
            HubPath.Join(Path.Combine(folder, ".locks", repository.FolderName), hash + ".lock"), waiting, cancellation);

    /// <summary>Puts a blob into a snapshot; the caller holds the blob's lock.</summary>
    public void Link(RepositoryName repository, string commit, HubFile file)
    {
        string blob = BlobPath(repository, file.Hash);
        string pointer = HubPath.Join(SnapshotFolder(repository, commit), file.Name);
        string place = Path.GetDirectoryName(pointer)!;
        Directory.CreateDirectory(place);

        // Under another name first, so that a pointer that is there is whole, a copied one too.
        string draft = Path.Combine(place, $".{Guid.NewGuid():N}.tmp");
        if (!TryLink(draft, Path.GetRelativePath(place, blob)))
        {
            File.Copy(blob, draft);
        }

        File.Move(draft, pointer, overwrite: true);
    }

    /// <summary>Checks that the disk has room for a download.</summary>
    /// <exception cref="HubException">It has not.</exception>
    public void RequireSpace(RepositoryName repository, long bytes)
    {
        Directory.CreateDirectory(folder);
        long free;
        try
        {
            free = new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A network share may not tell; a disk that runs full is then noticed when it does.
            return;
        }

        if (bytes > free)
        {
            throw HubErrors.NoRoom(repository, folder, bytes, free);
        }
    }

    /// <summary>Whether a path leads to a file; a link whose target is gone does not.</summary>
    public static bool IsFile(string path)
    {
        FileInfo file = new(path);
        return file.Exists && (file.LinkTarget is null || file.ResolveLinkTarget(returnFinalTarget: true)!.Exists);
    }

    private string RepositoryFolder(RepositoryName repository) => Path.Combine(folder, repository.FolderName);

    private string AbsentPath(RepositoryName repository, string commit, string file) =>
        HubPath.Join(HubPath.Join(Path.Combine(RepositoryFolder(repository), Absent), commit), file);

    private string? ReadReference(RepositoryName repository, string revision)
    {
        string path = HubPath.Join(Path.Combine(RepositoryFolder(repository), References), revision);
        string? commit = File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        return commit is not null && HubPath.IsHash(commit, BlobHash.GitLength) ? commit : null;
    }

    private bool TryLink(string path, string target)
    {
        if (!UsesSymbolicLinks)
        {
            return false;
        }

        try
        {
            File.CreateSymbolicLink(path, target);
            return true;
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            // Windows without developer mode, or a file system that has no links.
            return false;
        }
    }
}
