using System.Text.Json;
using DenseConnector.Catalog;
using DenseConnector.Configuration;
using DenseConnector.Hub;
using DenseConnector.Loading;

namespace DenseConnector;

/// <summary>
/// Finds a model by what a user called it (a folder, a catalog name, a repository) and brings what is missing onto this
/// machine: the checkpoint, and the base model and the vision towers where they lie in repositories of their own.
/// </summary>
/// <remarks>Used by one task; needs no native library.</remarks>
internal sealed class ModelResolver : IDisposable
{
    private const string AdapterConfigFile = "adapter_config.json";
    private const string ProjectorFile = "mm_projector.bin";
    private const string PickleIndexFile = "pytorch_model.bin.index.json";
    private const string SafetensorsIndexFile = "model.safetensors.index.json";
    private const string SafetensorsSingleFile = "model.safetensors";

    // Configurations name these by a folder on their authors' machines; the repositories hold the same files.
    private static readonly Dictionary<string, string> KnownTowers = new(StringComparer.Ordinal)
    {
        ["openclip-convnext-large-d-320-laion2B-s29B-b131K-ft-soup"] =
            "laion/CLIP-convnext_large_d_320.laion2B-s29B-b131K-ft-soup",
    };

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
        string? auxiliary = await resolver.FindAuxiliaryAsync(folder.Path, cancellation).ConfigureAwait(false);
        string? baseModel = await resolver.FindBaseAsync(folder.Path, cancellation).ConfigureAwait(false);
        ModelOptions resolved = options with
        {
            VisionTower = tower,
            AuxiliaryVisionTower = auxiliary,
            BaseModel = baseModel,
        };
        return new ResolvedModel(folder, resolved, resolver._sources);
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
            (_options.VisionWeights == VisionWeights.Auto && !HasWeights(folder, CheckpointNames.VisionModelInside));
        return await FetchAsync(
            repository, HubSettings.DefaultRevision, HubSelection.Tower(weights), cancellation).ConfigureAwait(false);
    }

    /// <summary>The high-resolution tower's folder if it lies elsewhere and its weights are needed.</summary>
    private async Task<string?> FindAuxiliaryAsync(string folder, CancellationToken cancellation)
    {
        string? name = _options.AuxiliaryVisionTower;
        if (name is null)
        {
            name = ReadName(folder, ConfigReader.FileName, AuxiliaryVisionConfig.TowerKey);
            if (name is null || ModelPlan.FindInside(folder, name) is not null || !NeedsAuxiliary(folder))
            {
                return null;
            }

            name = KnownTowers.GetValueOrDefault(name.TrimEnd('/').Split('/')[^1], name);
        }

        // What is neither a folder nor a repository stays: the plan says which option to set.
        return Directory.Exists(name) || !RepositoryName.TryParse(name, out RepositoryName? repository)
            ? _options.AuxiliaryVisionTower
            : await FetchAsync(
                repository, HubSettings.DefaultRevision, HubSelection.AuxiliaryTower, cancellation)
                .ConfigureAwait(false);
    }

    private bool NeedsAuxiliary(string folder) => _options.VisionWeights == VisionWeights.Separate ||
        (_options.VisionWeights == VisionWeights.Auto && !HasWeights(folder, CheckpointNames.AuxiliaryInside));

    /// <summary>
    /// The base model's folder: what the user named, or where a LoRA adapter or a projector comes alone, the repository
    /// its configuration names. The official loader leaves that to its user (<c>--model-base</c>).
    /// </summary>
    private async Task<string?> FindBaseAsync(string folder, CancellationToken cancellation)
    {
        string? name = _options.BaseModel ?? ReadBaseName(folder);
        return name is null || Directory.Exists(_options.BaseModel) ||
            !RepositoryName.TryParse(name, out RepositoryName? repository)
            ? _options.BaseModel
            : await FetchAsync(repository, HubSettings.DefaultRevision, HubSelection.Model, cancellation)
                .ConfigureAwait(false);
    }

    private static string? ReadBaseName(string folder)
    {
        if (File.Exists(Path.Combine(folder, AdapterConfigFile)))
        {
            return ReadName(folder, AdapterConfigFile, "base_model_name_or_path");
        }

        return File.Exists(Path.Combine(folder, ProjectorFile)) && !CheckpointFiles.IsIn(folder)
            ? ReadName(folder, ConfigReader.FileName, "_name_or_path")
            : null;
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
        if (!selection.Heads.Any(small.Contains))
        {
            throw HubErrors.Lacks(listing.Repository, listing.Commit, selection.Heads[0]);
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

    private static string? ReadTowerName(string folder) =>
        ReadName(folder, ConfigReader.FileName, ConfigReader.TowerKey);

    private static string? ReadName(string folder, string file, string key)
    {
        string path = Path.Combine(folder, file);
        return File.Exists(path) ? ConfigJson.Load(path).String(key) : null;
    }

    /// <summary>
    /// Whether a checkpoint holds the weights of a tower, as far as its index or the header of its one file says;
    /// a pickle without an index does not say.
    /// </summary>
    private static bool HasWeights(string folder, string prefix)
    {
        string single = Path.Combine(folder, SafetensorsSingleFile);
        if (File.Exists(single))
        {
            using SafetensorsFile file = SafetensorsFile.Open(single);
            return file.Tensors.Keys.Any(IsInside);
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
            return document.RootElement.GetProperty("weight_map").EnumerateObject().Any(entry => IsInside(entry.Name));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CheckpointException(
                index, $"cannot be read as an index of weights ({e.Message}). Download it again.", e);
        }

        bool IsInside(string tensor) => tensor.StartsWith(prefix, StringComparison.Ordinal);
    }
}
