using System.Text.Json;
using DenseConnector.Catalog;
using DenseConnector.Tests.Hub;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Tests;

public sealed class ModelResolverTests : IDisposable
{
    private const string Repository = "owner/tiny";
    private const string Tower = "owner/tower";

    private readonly FakeHub _hub = new();
    private readonly TemporaryFolder _cache = new();

    [Fact]
    public async Task LoadAsync_Repository_LoadsAsFromItsFolder()
    {
        AddTinyModel();
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(Repository, Options());
        Assert.Equal(Repository, model.Info.Name);
        Assert.StartsWith(_cache.Path, model.Info.Folder, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_RepositoryOfAQuantizedModel_LoadsItAsStored()
    {
        using ModelCopy quantized = new ModelCopy().StoreQuantized(Quantization.Int4);
        AddFiles(Repository, quantized.Path);
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(
            Repository, Options() with { PromptTemplate = "vicuna_v1" });
        Assert.Equal(Quantization.Int4, model.Info.Quantization);
    }

    [Fact]
    public async Task LoadAsync_AdapterOnABaseModelOfTheHub_TakesItsTokenizer()
    {
        string reference = Path.Combine(TestData.Fixtures, "reference");
        string fixture = Path.Combine(reference, "models", "siglip_vicuna_dci_lora");
        AddFiles(Repository, Path.Combine(fixture, "adapter-llava-lora"));
        _hub.Add(Repository, "adapter_config.json", File.ReadAllText(
            Path.Combine(fixture, "adapter-llava-lora", "adapter_config.json")).Replace(
                "./ckpt/vicuna-7b-v1.5", "owner/base", StringComparison.Ordinal));
        AddFiles("owner/base", Path.Combine(fixture, "base"));
        AddFiles("owner/base", Path.Combine(reference, "tokenizer"));
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(Repository, Options() with
        {
            VisionTower = Path.Combine(reference, "towers", "google", "siglip-so400m-patch14-384"),
        });
        Assert.Equal("vicuna_v1", model.Info.PromptTemplate);
    }

    [Fact]
    public async Task LoadAsync_Repository_ReportsDownloadsThenWeights()
    {
        AddTinyModel();
        Reports reports = new();
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(Repository, Options(), reports);
        Assert.Contains(reports.All, report => report.Download is { File: "model.safetensors" });
        Assert.Null(reports.All[^1].Download);
        Assert.Equal(reports.All[^1].TotalBytes, reports.All[^1].BytesRead);
    }

    [Fact]
    public async Task ResolveAsync_InnerTower_ComesWithTheModel()
    {
        AddTinyModel();
        _hub.Add(Repository, "optimizer.pt", new byte[10], lfs: true);
        ResolvedModel model = await ResolveAsync(Repository);
        Assert.True(File.Exists(Path.Combine(model.Folder.Path, "vision_tower", "config.json")));
        Assert.Null(model.Options.VisionTower);
        Assert.Single(model.Sources);
        Assert.DoesNotContain(_hub.Hub.Requests, r => r.Path.Contains("optimizer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ResolveAsync_CompleteInTheCache_ContactsNobody()
    {
        AddTinyModel();
        await ResolveAsync(Repository);
        _hub.Dispose();
        int asked = _hub.Hub.Requests.Count;
        ResolvedModel model = await ResolveAsync(Repository);
        Assert.Equal(asked, _hub.Hub.Requests.Count);
        Assert.True(File.Exists(Path.Combine(model.Folder.Path, "model.safetensors")));
    }

    [Fact]
    public async Task ResolveAsync_Refresh_TakesTheBranchesNewCommit()
    {
        AddTinyModel();
        await ResolveAsync(Repository);
        _hub.Commit = new string('d', 40);
        Assert.EndsWith(new string('c', 40), (await ResolveAsync(Repository)).Folder.Path, StringComparison.Ordinal);
        ResolvedModel fresh = await ModelResolver.ResolveAsync(Repository, Options(), null, default, refresh: true);
        Assert.EndsWith(new string('d', 40), fresh.Folder.Path, StringComparison.Ordinal);
        Assert.EndsWith(new string('d', 40), (await ResolveAsync(Repository)).Folder.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResolveAsync_NewCommitBreaksHalfway_OldOneStaysUsable()
    {
        AddTinyModel();
        await ResolveAsync(Repository);
        _hub.Commit = new string('d', 40);
        FakeFile weights = _hub.Add(Repository, "model.safetensors", new byte[10], lfs: true);
        _hub.Blobs[weights.Hash] = new byte[9];
        await Assert.ThrowsAsync<HubException>(
            () => ModelResolver.ResolveAsync(Repository, Options(), null, default, refresh: true));
        ResolvedModel old = await ResolveAsync(Repository, offline: true);
        Assert.EndsWith(new string('c', 40), old.Folder.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResolveAsync_OfflineAndNotInTheCache_SaysSo()
    {
        HubException e = await Assert.ThrowsAsync<HubException>(() => ResolveAsync(Repository, offline: true));
        Assert.Contains("HF_HUB_OFFLINE", e.Message, StringComparison.Ordinal);
        Assert.Empty(_hub.Hub.Requests);
    }

    [Fact]
    public async Task ResolveAsync_NoNetworkButUsableCopy_TakesIt()
    {
        AddTinyModel();
        ResolvedModel first = await ResolveAsync(Repository);

        // As Python leaves a cache: without the marks of absent files.
        Directory.Delete(Path.Combine(_cache.Path, "models--owner--tiny", ".no_exist"), recursive: true);
        _hub.Dispose();
        Assert.Equal(first.Folder.Path, (await ResolveAsync(Repository)).Folder.Path);
    }

    [Fact]
    public async Task ResolveAsync_TowerInItsOwnRepository_ComesWithItsWeights()
    {
        AddModelWithTower("model.layers.0.weight");
        ResolvedModel model = await ResolveAsync(Repository);
        Assert.True(File.Exists(Path.Combine(model.Options.VisionTower!, "config.json")));
        Assert.True(File.Exists(Path.Combine(model.Options.VisionTower!, "preprocessor_config.json")));
        Assert.True(File.Exists(Path.Combine(model.Options.VisionTower!, "model.safetensors")));
        Assert.Equal([Repository, Tower], model.Sources.Select(source => source.Repository));
    }

    [Theory]
    [InlineData(VisionWeights.Auto, false)]
    [InlineData(VisionWeights.Checkpoint, false)]
    [InlineData(VisionWeights.Separate, true)]
    public async Task ResolveAsync_TowersWeightsInTheCheckpoint_AreNotFetchedAgain(VisionWeights from, bool fetched)
    {
        AddModelWithTower("model.vision_tower.vision_tower.vision_model.embeddings.weight");
        ResolvedModel model = await ModelResolver.ResolveAsync(
            Repository, Options() with { VisionWeights = from }, null, default);
        Assert.True(File.Exists(Path.Combine(model.Options.VisionTower!, "preprocessor_config.json")));
        Assert.Equal(fetched, File.Exists(Path.Combine(model.Options.VisionTower!, "model.safetensors")));
    }

    [Fact]
    public async Task ResolveAsync_Adapter_BringsItsBaseModel()
    {
        AddBase("owner/base");
        _hub.Add(Repository, "adapter_config.json", """{"base_model_name_or_path": "owner/base"}""");
        _hub.Add(Repository, "adapter_model.bin", new byte[7], lfs: true);
        ResolvedModel model = await ResolveAsync(Repository);
        Assert.Equal([Repository, "owner/base"], model.Sources.Select(source => source.Repository));
        Assert.True(File.Exists(Path.Combine(model.Options.BaseModel!, "model.safetensors")));
    }

    [Fact]
    public async Task ResolveAsync_ProjectorAlone_BringsItsBaseModelAndIsCached()
    {
        AddBase("owner/base");
        _hub.Add(Repository, "config.json", """{"_name_or_path": "owner/base"}""");
        _hub.Add(Repository, "mm_projector.bin", new byte[7], lfs: true);
        Assert.EndsWith(_hub.Commit, (await ResolveAsync(Repository)).Options.BaseModel, StringComparison.Ordinal);
        int asked = _hub.Hub.Requests.Count;
        ResolvedModel model = await ResolveAsync(Repository, offline: true);
        Assert.Equal([Repository, "owner/base"], model.Sources.Select(source => source.Repository));
        Assert.Equal(asked, _hub.Hub.Requests.Count);
    }

    [Theory]
    [InlineData("./ckpt/vicuna-7b-v1.5")]
    [InlineData("/ckpt/vicuna-7b-v1.5")]
    public async Task ResolveAsync_BaseModelNamedByAPath_IsLeftToTheUser(string name)
    {
        _hub.Add(Repository, "adapter_config.json", JsonSerializer.Serialize(new { base_model_name_or_path = name }));
        _hub.Add(Repository, "adapter_model.bin", new byte[7], lfs: true);
        Assert.Null((await ResolveAsync(Repository)).Options.BaseModel);
    }

    [Fact]
    public async Task ResolveAsync_BaseModelAskedFor_GoesBeforeTheConfigurations()
    {
        AddBase("owner/other");
        _hub.Add(Repository, "adapter_config.json", """{"base_model_name_or_path": "owner/base"}""");
        _hub.Add(Repository, "adapter_model.bin", new byte[7], lfs: true);
        using TemporaryFolder folder = new();
        ModelOptions local = Options() with { BaseModel = folder.Path };
        Assert.Equal(
            folder.Path, (await ModelResolver.ResolveAsync(Repository, local, null, default)).Options.BaseModel);
        ResolvedModel model = await ModelResolver.ResolveAsync(
            Repository, Options() with { BaseModel = "owner/other" }, null, default);
        Assert.Equal("owner/other", model.Sources[^1].Repository);
    }

    [Fact]
    public async Task ResolveAsync_WholeModelThatNamesItsOrigin_BringsNoBaseModel()
    {
        AddBase(Repository);
        _hub.Add(Repository, "config.json", """{"_name_or_path": "owner/base"}""");
        _hub.Add(Repository, "mm_projector.bin", new byte[7], lfs: true);
        Assert.Null((await ResolveAsync(Repository)).Options.BaseModel);
    }

    [Theory]
    [InlineData(
        "model_zoo/OpenAI/openclip-convnext-large-d-320-laion2B-s29B-b131K-ft-soup",
        "laion/CLIP-convnext_large_d_320.laion2B-s29B-b131K-ft-soup")]
    [InlineData("owner/convnext", "owner/convnext")]
    public async Task ResolveAsync_AuxiliaryTower_ComesFromItsRepository(string name, string repository)
    {
        AddMiniGemini(name, "model.layers.0.weight");
        _hub.Add(repository, "open_clip_config.json", "{}");
        _hub.Add(repository, "open_clip_pytorch_model.bin", new byte[9], lfs: true);
        ResolvedModel model = await ResolveAsync(Repository);
        Assert.Equal([Repository, repository], model.Sources.Select(source => source.Repository));
        string tower = model.Options.AuxiliaryVisionTower!;
        Assert.True(File.Exists(Path.Combine(tower, "open_clip_config.json")));
        Assert.True(File.Exists(Path.Combine(tower, "open_clip_pytorch_model.bin")));
        Assert.Equal(tower, (await ResolveAsync(Repository, offline: true)).Options.AuxiliaryVisionTower);
    }

    [Theory]
    [InlineData("model_zoo/OpenAI/unknown", "model.layers.0.weight")]
    [InlineData("owner/convnext", "model.vision_tower_aux.vision_stem.0.weight")]
    public async Task ResolveAsync_AuxiliaryTowerUnknownOrInside_IsNotFetched(string name, string tensor)
    {
        AddMiniGemini(name, tensor);
        ResolvedModel model = await ResolveAsync(Repository);
        Assert.Null(model.Options.AuxiliaryVisionTower);
        Assert.Single(model.Sources);
    }

    [Fact]
    public async Task ResolveAsync_CatalogRows_ResolveByNameAndByRepository()
    {
        CatalogEntry[] rows = [.. ModelCatalog.Entries.Where(row => row.Repository is not null)];
        Assert.NotEmpty(rows);
        foreach (CatalogEntry row in rows)
        {
            _hub.Add(row.Repository!, "config.json", "{}");
            _hub.Add(row.Repository!, "model.safetensors", [8, 0, 0, 0, 0, 0, 0, 0, .. "{}      "u8], lfs: true);
            foreach (string name in new[] { row.Name, row.Repository! })
            {
                ResolvedModel model = await ResolveAsync(name);
                Assert.Equal(row.Repository, Assert.Single(model.Sources).Repository);
                Assert.Equal(row.Name, model.Folder.Entry!.Name);
            }
        }
    }

    [Fact]
    public async Task ResolveAsync_LocalFolder_WinsAndFetchesOnlyItsTower()
    {
        AddModelWithTower("model.layers.0.weight");
        using TemporaryFolder folder = new();
        folder.Write("config.json", JsonSerializer.SerializeToUtf8Bytes(new { mm_vision_tower = Tower }));
        ResolvedModel model = await ResolveAsync(folder.Path);
        Assert.Equal(folder.Path, model.Folder.Path);
        Assert.Equal([Tower], model.Sources.Select(source => source.Repository));
    }

    [Fact]
    public async Task ResolveAsync_TowerNamedByAPathOutside_IsNotFetched()
    {
        using TemporaryFolder folder = new();
        folder.Write("config.json", """{"mm_vision_tower":"../../elsewhere"}"""u8);
        Assert.Null((await ResolveAsync(folder.Path)).Options.VisionTower);
        Assert.Empty(_hub.Hub.Requests);
    }

    [Fact]
    public async Task ResolveAsync_NoWeights_SaysSoBeforeDownloading()
    {
        _hub.Add(Repository, "config.json", "{}");
        _hub.Add(Repository, "model.gguf", new byte[5], lfs: true);
        HubException e = await Assert.ThrowsAsync<HubException>(() => ResolveAsync(Repository));
        Assert.Contains("no weights", e.Message, StringComparison.Ordinal);
        Assert.Single(_hub.Hub.Requests);
    }

    [Fact]
    public async Task ResolveAsync_NoConfiguration_SaysSo()
    {
        _hub.Add(Repository, "model.safetensors", new byte[5], lfs: true);
        HubException e = await Assert.ThrowsAsync<HubException>(() => ResolveAsync(Repository));
        Assert.Contains("no config.json", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResolveAsync_NeitherFolderNorRepository_Throws() =>
        await Assert.ThrowsAsync<CheckpointException>(() => ResolveAsync("no such model"));

    public void Dispose()
    {
        _hub.Dispose();
        _cache.Dispose();
    }

    private void AddTinyModel() => AddFiles(Repository, TestData.TinyModel);

    private void AddFiles(string repository, string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(folder, file).Replace('\\', '/');
            _hub.Add(repository, name, File.ReadAllBytes(file), lfs: !name.EndsWith(".json", StringComparison.Ordinal));
        }
    }

    private void AddBase(string repository)
    {
        _hub.Add(repository, "config.json", "{}");
        _hub.Add(repository, "model.safetensors", [8, 0, 0, 0, 0, 0, 0, 0, .. "{}      "u8], lfs: true);
    }

    private void AddMiniGemini(string tower, string tensor)
    {
        _hub.Add(Repository, "config.json", JsonSerializer.Serialize(new { mm_vision_tower_aux = tower }));
        _hub.Add(Repository, "model.safetensors.index.json", JsonSerializer.Serialize(new
        {
            weight_map = new Dictionary<string, string> { [tensor] = "model-00001-of-00001.safetensors" },
        }));
        _hub.Add(Repository, "model-00001-of-00001.safetensors", new byte[100], lfs: true);
    }

    private void AddModelWithTower(string tensor)
    {
        _hub.Add(Repository, "config.json", JsonSerializer.Serialize(new { mm_vision_tower = Tower }));
        _hub.Add(Repository, "model.safetensors.index.json", JsonSerializer.Serialize(new
        {
            weight_map = new Dictionary<string, string> { [tensor] = "model-00001-of-00001.safetensors" },
        }));
        _hub.Add(Repository, "model-00001-of-00001.safetensors", new byte[100], lfs: true);
        _hub.Add(Tower, "config.json", "{\"model_type\":\"clip\"}");
        _hub.Add(Tower, "preprocessor_config.json", "{\"size\":1}");
        _hub.Add(Tower, "model.safetensors", new byte[200], lfs: true);
    }

    private ModelOptions Options(bool offline = false) => new()
    {
        Hub = new HubOptions
        {
            CacheFolder = _cache.Path,
            Endpoint = _hub.Hub.Address,
            Token = string.Empty,
            Offline = offline,
        },
    };

    private Task<ResolvedModel> ResolveAsync(string model, bool offline = false) =>
        ModelResolver.ResolveAsync(model, Options(offline), null, default);

    private sealed class Reports : IProgress<LoadProgress>
    {
        public List<LoadProgress> All { get; } = [];

        public void Report(LoadProgress value)
        {
            lock (All)
            {
                All.Add(value);
            }
        }
    }
}
