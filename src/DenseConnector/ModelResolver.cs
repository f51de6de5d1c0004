using System.Text.Json;
using DenseConnector.Catalog;
using DenseConnector.Configuration;
using DenseConnector.Hub;
using DenseConnector.Loading;

namespace DenseConnector;

/// <summary>
/// Finds a model by what a user called it (a folder, a catalog name, a repository) and brings what is missing onto this
/// machine: the checkpoint, and the vision tower where it lies in a repository of its own.
/// </summary>
/// <remarks>Used by one task; needs no native library.</remarks>
internal sealed class ModelResolver : IDisposable
{
    private const string TowerKey = "mm_vision_tower";
    private const string PickleIndexFile = "pytorch_model.bin.index.json";
    private const string SafetensorsIndexFile = "model.safetensors.index.json";
    private const string SafetensorsSingleFile = "model.safetensors";

    private readonly ModelOptions _options;
    private readonly IProgress<DownloadProgress>? _progress;
    private readonly bool _refresh;
    private readonly List<HubSource> _sources = [];
    private readonly Lazy<HubSettings> _settings;
    private HubClient? _client;

    private ModelResolver(ModelOptions options, IProgress<DownloadProgress>? progress, bool refresh)
    {
        _options = options;
        _progress = progress;
        _refresh = refresh;

        // Late: a model on this machine loads whatever the hub's environment variables say.
        _settings = new Lazy<HubSettings>(
            () => HubSettings.Resolve(options.Hub, System.Environment.GetEnvironmentVariable));
    }

    private HubClient Client => _client ??= new HubClient(_settings.Value);

    /// <summary>Finds a model; nothing is contacted if this machine has all of it.</summary>
    /// <param name="model">A folder, a catalog name or a repository; an existing folder always wins.</param>
    /// <param name="options">How it is loaded.</param>
    /// <param name="progress">Told how far each file has come; several tasks report at once.</param>
    /// <param name="cancellation">Ends a download; the next one continues it.</param>
    /// <param name="refresh">
    /// Whether the hub is asked even if the cache has a complete copy, which may be older than the branch.
    /// </param>
    /// <exception cref="DenseConnectorException">
    /// The model is nowhere, cannot be downloaded, or its configuration is unreadable.
    /// </exception>
    /// <exception cref="ArgumentException">An environment variable or option of the hub is malformed.</exception>
    public static async Task<ResolvedModel> ResolveAsync(
        string model,
        ModelOptions options,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellation,
        bool refresh = false)
    {
        using ModelResolver resolver = new(options, progress, refresh);
        ModelFolder folder = ModelFolder.FindLocal(model)
            ?? await resolver.FetchModelAsync(model, cancellation).ConfigureAwait(false);
        string? tower = await resolver.FindTowerAsync(folder.Path, cancellation).ConfigureAwait(false);
        return new ResolvedModel(folder, options with { VisionTower = tower }, resolver._sources);
    }

    /// <inheritdoc/>
    public void Dispose() => _client?.Dispose();

    private async Task<ModelFolder> FetchModelAsync(string model, CancellationToken cancellation)
    {
        CatalogEntry? entry = ModelCatalog.Find(model);
        if (!RepositoryName.TryParse(entry?.Repository ?? model, out RepositoryName? repository))
        {
            throw ModelFolder.NotFound(model);
        }

        string folder = await FetchAsync(repository, _settings.Value.Revision, HubSelection.Model, cancellation)
            .ConfigureAwait(false);
        return new ModelFolder(model, folder, entry);
    }

    /// <summary>The vision tower's folder if it lies outside the checkpoint.</summary>
    private async Task<string?> FindTowerAsync(string folder, CancellationToken cancellation)
    {
        string? name = _options.VisionTower ?? ReadTowerName(folder);
        if (name is null || Directory.Exists(_options.VisionTower ?? Path.Combine(folder, name)) ||
            !RepositoryName.TryParse(name, out RepositoryName? repository))
        {
            // Inside the checkpoint, or wrong: ModelPlan looks there, and says what is wrong.
            return _options.VisionTower;
        }

        bool weights = _options.VisionWeights == VisionWeights.Separate ||
            (_options.VisionWeights == VisionWeights.Auto && !HasVisionWeights(folder));
        return await FetchAsync(
            repository, HubSettings.DefaultRevision, HubSelection.Tower(weights), cancellation).ConfigureAwait(false);
    }

    /// <summary>Brings a repository's files into the cache and gives the snapshot's folder.</summary>
    private async Task<string> FetchAsync(
        RepositoryName repository, string revision, HubSelection selection, CancellationToken cancellation)
    {
        HubSettings settings = _settings.Value;
        HubCache cache = new(settings.CacheFolder);
        string? cached = FindCached(cache, repository, revision, selection);
        if (cached is not null &&
            (settings.Offline || (!_refresh && selection.IsComplete(cache, repository, cached) &&
                HasInnerTower(cache.SnapshotFolder(repository, cached), selection))))
        {
            return Use(cached);
        }

        if (settings.Offline)
        {
            throw HubErrors.Offline(repository, revision, settings.CacheFolder);
        }

        HubListing listing;
        try
        {
            listing = await Client.ListAsync(repository, revision, cancellation).ConfigureAwait(false);
        }
        catch (HubException e) when (e.IsUnreachable && cached is not null && !_refresh)
        {
            // Without a network a model that was used before still works, as with Python's library.
            return Use(cached);
        }

        await DownloadAsync(listing, selection, cancellation).ConfigureAwait(false);
        return Use(listing.Commit);

        string Use(string commit)
        {
            string folder = cache.SnapshotFolder(repository, commit);
            _sources.Add(new HubSource(repository.ToString(), revision, commit, folder));
            return folder;
        }
    }

    /// <summary>
    /// Small files first: a configuration that is missing or unreadable is found before gigabytes have come in.
    /// </summary>
    private async Task DownloadAsync(HubListing listing, HubSelection selection, CancellationToken cancellation)
    {
        List<string> small = [.. selection.Small.Intersect(listing.Files)];
        if (!small.Contains(HubSelection.Config) && !small.Contains("adapter_config.json"))
        {
            throw HubErrors.Lacks(listing.Repository, listing.Commit, HubSelection.Config);
        }

        IReadOnlyList<string> weights = selection.WeightsOf(listing.Files);
        if (selection.WantsWeights && weights.Count == 0)
        {
            throw HubErrors.Lacks(
                listing.Repository, listing.Commit, "weights (safetensors, pytorch_model*.bin or an adapter)");
        }

        await Client.DownloadAsync(listing, small, _progress, cancellation).ConfigureAwait(false);
        string folder = Client.Cache.SnapshotFolder(listing.Repository, listing.Commit);
        if (ReadTowerName(folder)?.Trim('/') is string tower)
        {
            HubSelection parts = HubSelection.Tower(weights: true);
            weights = [
                .. parts.Small.Select(name => $"{tower}/{name}").Intersect(listing.Files),
                .. parts.WeightsOf(listing.Files, $"{tower}/"),
                .. weights];
        }

        await Client.DownloadAsync(listing, weights, _progress, cancellation).ConfigureAwait(false);
        Client.Publish(listing, selection.Small);
    }

    private static string? FindCached(
        HubCache cache, RepositoryName repository, string revision, HubSelection selection) =>
        cache.FindCommit(repository, revision) is string commit &&
        selection.IsUsable(cache.SnapshotFolder(repository, commit)) ? commit : null;

    /// <summary>Whether a snapshot that names a tower by a folder, and not by a repository, has that folder.</summary>
    private static bool HasInnerTower(string folder, HubSelection selection)
    {
        string? tower = selection == HubSelection.Model ? ReadTowerName(folder) : null;
        return tower is null || RepositoryName.TryParse(tower, out _) ||
            Directory.Exists(Path.Combine(folder, tower));
    }

    private static string? ReadTowerName(string folder)
    {
        string config = Path.Combine(folder, ConfigReader.FileName);
        return File.Exists(config) ? ConfigJson.Load(config).String(TowerKey) : null;
    }

    /// <summary>
    /// Whether a checkpoint holds the vision tower's weights, as far as its index or the header of its one file says;
    /// a pickle without an index does not say.
    /// </summary>
    private static bool HasVisionWeights(string folder)
    {
        string single = Path.Combine(folder, SafetensorsSingleFile);
        if (File.Exists(single))
        {
            using SafetensorsFile file = SafetensorsFile.Open(single);
            return file.Tensors.Keys.Any(IsVision);
        }

        string? index = new[] { SafetensorsIndexFile, PickleIndexFile }
            .Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (index is null)
        {
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(index));
            return document.RootElement.GetProperty("weight_map").EnumerateObject().Any(entry => IsVision(entry.Name));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CheckpointException(
                index, $"cannot be read as an index of weights ({e.Message}). Download it again.", e);
        }
    }

    private static bool IsVision(string tensor) =>
        tensor.StartsWith(CheckpointNames.VisionModelInside, StringComparison.Ordinal);
}
