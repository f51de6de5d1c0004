using DenseConnector.Configuration;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Tests;

/// <summary>A projector or a LoRA adapter on a base model, loaded as users load it.</summary>
public sealed class BaseModelTests
{
    private static readonly string Reference = Path.Combine(TestData.Fixtures, "reference");

    [Theory]
    [InlineData("clip_vicuna_dci_projector_only", "pretrain", "towers/openai/clip-vit-large-patch14-336")]
    [InlineData("siglip_vicuna_dci_lora", "adapter-llava-lora", "towers/google/siglip-so400m-patch14-384")]
    public async Task LoadAsync_WithBaseModel_TakesItsTokenizerAndWeights(string fixture, string folder, string tower)
    {
        string model = Path.Combine(Reference, "models", fixture);
        using TemporaryFolder below = new();
        foreach (string path in Directory.EnumerateFiles(Path.Combine(model, "base")))
        {
            below.Write(Path.GetFileName(path), File.ReadAllBytes(path));
        }

        ModelOptions options = new() { BaseModel = below.Path, VisionTower = Path.Combine(Reference, tower) };
        CheckpointException error = await Assert.ThrowsAsync<CheckpointException>(
            () => DenseConnectorModel.LoadAsync(Path.Combine(model, folder), options));
        Assert.Equal(below.Path, error.File);
        Assert.Contains("has no tokenizer", error.Message, StringComparison.Ordinal);

        foreach (string path in Directory.EnumerateFiles(Path.Combine(Reference, "tokenizer"), "*token*"))
        {
            below.Write(Path.GetFileName(path), File.ReadAllBytes(path));
        }

        Reports reports = new();
        await using DenseConnectorModel loaded =
            await DenseConnectorModel.LoadAsync(Path.Combine(model, folder), options, reports);
        Assert.True(reports.All.Count > 1);
        Assert.Equal(reports.All[^1].TotalBytes, reports.All[^1].BytesRead);
        Assert.Equal(reports.All.OrderBy(report => report.BytesRead), reports.All);
        Assert.Equal("dci", loaded.Info.Connector);
        Assert.Equal("vicuna_v1", loaded.Info.PromptTemplate);
    }

    [Fact]
    public void Read_BaseModelWithGenerationConfig_TakesItsEndIds()
    {
        using TemporaryFolder below = new();
        below.Write("generation_config.json", """{"eos_token_id":[7,9]}"""u8);
        string folder = Path.Combine(Reference, "models", "clip_vicuna_dci_projector_only", "pretrain");

        Assert.Equal([7, 9], ConfigReader.ReadModel(folder, below.Path).EndIds);
        Assert.Equal([2], ConfigReader.ReadModel(folder).EndIds);
    }

    [Fact]
    public async Task LoadAsync_BaseModelIsNoFolder_Throws()
    {
        CheckpointException error = await Assert.ThrowsAsync<CheckpointException>(() => DenseConnectorModel.LoadAsync(
            TestData.TinyModel, new ModelOptions { BaseModel = "/no/such/folder" }));

        Assert.Contains("BaseModel names the language model's folder", error.Message, StringComparison.Ordinal);
    }

    private sealed class Reports : IProgress<LoadProgress>
    {
        public List<LoadProgress> All { get; } = [];

        public void Report(LoadProgress value) => All.Add(value);
    }
}
