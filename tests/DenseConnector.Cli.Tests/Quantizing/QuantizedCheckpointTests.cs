using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Quantizing;
using DenseConnector.Layers;
using DenseConnector.Loading;
using DenseConnector.Tests.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Tests.Quantizing;

/// <summary>
/// Every form of a checkpoint, written in 8 or 4 bits, against the same one rounded when it is loaded.
/// </summary>
public sealed class QuantizedCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _place = new();

    private string Target => Path.Combine(_place.Path, "target");

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("clip_vicuna_dci", "towers-bin", VisionWeights.Auto, Quantization.Int4)]
    [InlineData("clip_vicuna_dci_fp16", "towers", VisionWeights.Auto, Quantization.Int8)]
    [InlineData("clip_vicuna_dci_fp16", "towers", VisionWeights.Separate, Quantization.Int4)]
    [InlineData("clip_vicuna_dci_projector_only", "towers", VisionWeights.Auto, Quantization.Int8)]
    [InlineData("clip_vicuna_dci_projector_only", "towers", VisionWeights.Auto, Quantization.Int4)]
    [InlineData("siglip_vicuna_dci_lora", "towers", VisionWeights.Auto, Quantization.Int8)]
    [InlineData("siglip_vicuna_dci_lora", "towers", VisionWeights.Auto, Quantization.Int4)]
    [InlineData("mgm_clip_convnext", "towers", VisionWeights.Auto, Quantization.Int8)]
    [InlineData("mgm_clip_convnext", "towers", VisionWeights.Separate, Quantization.Int4)]
    [InlineData("mgm_clip_convnext_dci_derived", "towers", VisionWeights.Auto, Quantization.Int4)]
    public async Task Quantize_EveryForm_HoldsWhatALoadWouldRound(
        string fixture, string towers, VisionWeights visionWeights, Quantization format)
    {
        using ReferenceModel source = new(fixture, towers);
        string[] from = [.. source.Words, "--vision-weights", $"{visionWeights}"];

        ToolRun run = await ToolRun.RunAsync(["quantize", source.Folder, Target, "--format", $"{format}", .. from]);

        Assert.Equal(ExitCode.Success, run.ExitCode);
        AssertSameWeights(
            source.Folder, source.Options with { VisionWeights = visionWeights }, format, ScalarType.BFloat16);
        string[] question = ["ask", "What is it?", "-i", ToolRun.Picture, "--max-new-tokens", "6", "--json"];
        JsonElement expected = Answer(await ToolRun.RunAsync(
            [.. question, "--model", source.Folder, "--quantize", $"{format}", .. from]));
        JsonElement answer = Answer(await ToolRun.RunAsync([.. question, "--model", Target]));
        Assert.Equal(expected.GetProperty("text").GetString(), answer.GetProperty("text").GetString());
        Assert.Equal(expected.GetProperty("usage").GetRawText(), answer.GetProperty("usage").GetRawText());
    }

    [Theory]
    [InlineData(Quantization.Int8)]
    [InlineData(Quantization.Int4)]
    public void Write_Float32_HoldsWhatALoadInFloat32WouldRound(Quantization format)
    {
        using ReferenceModel source = new("clip_vicuna_dci");

        Write(source.Folder, source.Options with { Precision = Precision.Float32 }, format);

        AssertSameWeights(source.Folder, source.Options, format, ScalarType.Float32);
        using Checkpoint written = Checkpoint.Open(Target);
        Assert.Equal(TensorType.F32, written.Tensors["model.embed_tokens.weight"].Entry.Type);
    }

    [Fact]
    public void Write_LlavaAsTransformersSavesIt_HoldsWhatALoadWouldRound()
    {
        using ModelCopy source = Convert(new ModelCopy());

        Write(source.Path, new ModelOptions(), Quantization.Int4);

        AssertSameWeights(source.Path, new ModelOptions(), Quantization.Int4, ScalarType.BFloat16);
        Assert.False(Directory.Exists(Path.Combine(Target, "vision_tower")));
    }

    [Fact]
    public void Write_LlavaAsTransformersSavesItWithAnotherTower_StandsAlone()
    {
        using ModelCopy source = Convert(new ModelCopy());
        using ModelCopy tower = new();
        File.Delete(source.PathOf("preprocessor_config.json"));
        ModelOptions options = new() { VisionTower = tower.PathOf("vision_tower") };

        Write(source.Path, options, Quantization.Int8);

        AssertSameWeights(source.Path, options, Quantization.Int8, ScalarType.BFloat16);
    }

    [Fact]
    public void Write_BundledModel_KeepsItsFilesAndTheOtherKeysOfItsConfiguration()
    {
        using ModelCopy source = new();
        source.Set("of-another-program", JsonNode.Parse("""{"a":[1e-05,null]}""")).Set("nothing", null);

        Write(source.Path, new ModelOptions(), Quantization.Int4);

        JsonObject expected = ReadConfig(source.Path);
        expected["quantization_config"] = new JsonObject { ["quant_method"] = "denseconnector", ["format"] = "int4" };
        expected["prompt_template"] = "vicuna_v1";
        Assert.True(JsonNode.DeepEquals(expected, ReadConfig(Target)));
        string[] files =
        [
            "config.json", "generation_config.json", "model.safetensors", "preprocessor_config.json",
            "special_tokens_map.json", "tokenizer.model", "tokenizer_config.json", "vision_tower/config.json",
            "vision_tower/preprocessor_config.json",
        ];
        Assert.Equal(files, Directory.GetFiles(Target, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Target, file).Replace('\\', '/')).Order(StringComparer.Ordinal));
        Assert.All(files.Except(["config.json", "model.safetensors"]), file => Assert.Equal(
            File.ReadAllBytes(source.PathOf(file)), File.ReadAllBytes(Path.Combine(Target, file))));
    }

    [LinuxX64Theory]
    [InlineData(Quantization.Int8)]
    [InlineData(Quantization.Int4)]
    public void Write_BundledModel_IsMappedAsAWhole(Quantization format)
    {
        Write(ToolRun.TinyModel, new ModelOptions(), format);

        using ModelParts parts = Build(Target, new ModelOptions(), format, ScalarType.BFloat16, MemoryMap.Auto);

        Assert.All(Stored(parts), weight => Assert.True(MappedRanges.Holds(Target, weight)));
    }

    [Fact]
    public void Write_Progress_GrowsToTheTotalWithOneMatrixInMemory()
    {
        List<(long Written, long Total, long Live)> seen = [];
        NativeLibraries.EnsureLoaded();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        long bytes = Write(ToolRun.TinyModel, new ModelOptions(), Quantization.Int4, (written, total) => seen.Add(
            (written, total, DisposeScopeManager.Statistics.ThreadTotalLiveCount - before)));

        Assert.Equal(seen.OrderBy(one => one.Written), seen);
        Assert.Equal((bytes, bytes), (seen[^1].Written, seen[^1].Total));

        // The tensor that is written, the scales that come next, and the staging tensor.
        Assert.All(seen, one => Assert.InRange(one.Live, 1, 3));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    [InlineData(445)]
    public void Write_Cancelled_LeavesNoModel(int tensors)
    {
        using CancellationTokenSource stop = new();
        int seen = 0;

        Assert.Throws<OperationCanceledException>(() => Write(
            ToolRun.TinyModel,
            new ModelOptions(),
            Quantization.Int4,
            (_, _) =>
            {
                if (++seen == tensors)
                {
                    stop.Cancel();
                    stop.Token.ThrowIfCancellationRequested();
                }
            },
            stop.Token));

        Assert.Equal(tensors, seen);
        Assert.Empty(Directory.GetFiles(Target));
    }

    [Theory]
    [InlineData(Quantization.Int8, Quantization.Int4)]
    [InlineData(Quantization.Int4, Quantization.Int4)]
    public void Constructor_QuantizedAlready_IsRefused(Quantization first, Quantization second)
    {
        Write(ToolRun.TinyModel, new ModelOptions(), first);

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => Write(Target, new ModelOptions(), second));

        Assert.Equal(Path.Combine(Target, "config.json"), error.File);
        Assert.Contains($"says that the matrices are in {first} already", error.Message, StringComparison.Ordinal);
    }

    private static ModelCopy Convert(ModelCopy model)
    {
        using (CheckpointFiles files = CheckpointFiles.Open(model.Path))
        using (SafetensorsWriter writer = new(
            model.PathOf("converted"),
            [.. files.Tensors.Select(
                tensor => (Rename(tensor.Key), tensor.Value.Entry.Type, tensor.Value.Entry.Shape))]))
        {
            foreach (TensorLocation tensor in files.Tensors.Values)
            {
                byte[] bytes = new byte[tensor.Entry.ByteLength];
                tensor.File.Read(tensor.Entry, bytes.AsSpan());
                writer.Append(bytes);
            }

            writer.Complete();
        }

        File.Move(model.PathOf("converted"), model.PathOf("model.safetensors"), overwrite: true);
        JsonObject text = ReadConfig(model.Path);
        text["model_type"] = "llama";
        JsonObject config = new()
        {
            ["model_type"] = "llava",
            ["mm_dense_connector_type"] = "dci",
            ["vision_feature_layer"] = -2,
            ["image_aspect_ratio"] = "pad",
            ["text_config"] = text,
            ["vision_config"] = ReadConfig(model.PathOf("vision_tower")),
        };
        File.WriteAllText(model.PathOf("config.json"), config.ToJsonString());
        Directory.Delete(model.PathOf("vision_tower"), recursive: true);
        return model;
    }

    private static string Rename(string name) => name
        .Replace("model.vision_tower.vision_tower.", "vision_tower.", StringComparison.Ordinal)
        .Replace("model.mm_projector.0.", "multi_modal_projector.linear_1.", StringComparison.Ordinal)
        .Replace("model.mm_projector.2.", "multi_modal_projector.linear_2.", StringComparison.Ordinal)
        .Replace("model.layers.", "language_model.model.layers.", StringComparison.Ordinal)
        .Replace("lm_head.", "language_model.lm_head.", StringComparison.Ordinal);

    private static JsonObject ReadConfig(string folder) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject();

    private static JsonElement Answer(ToolRun run)
    {
        Assert.Equal(ExitCode.Success, run.ExitCode);
        return JsonDocument.Parse(run.Output).RootElement;
    }

    private static ModelParts Build(
        string folder, ModelOptions options, Quantization format, ScalarType type, MemoryMap map)
    {
        ModelPlan plan = ModelPlan.Read(new ModelFolder(folder, folder, null), options);
        using ModelBuilder builder = new(plan, options.VisionWeights, map);
        return builder.Build(type, CPU, null, CancellationToken.None, format);
    }

    /// <summary>What a file holds: all but the tables that are computed.</summary>
    private static Tensor[] Stored(ModelParts parts) =>
    [
        .. parts.Visuals.parameters(), .. parts.Decoder.parameters(),
        .. parts.Decoder.modules().OfType<LinearWeight>().SelectMany(weight => weight.buffers()),
    ];

    private void AssertSameWeights(string source, ModelOptions options, Quantization format, ScalarType type)
    {
        using ModelParts rounded = Build(source, options, format, type, MemoryMap.Never);
        using ModelParts written = Build(Target, new ModelOptions(), format, type, MemoryMap.Always);

        Tensor[] expected = Stored(rounded), found = Stored(written);
        Assert.Equal(expected.Length, found.Length);
        Assert.Contains(
            found, weight => weight.dtype == (format == Quantization.Int8 ? ScalarType.Int8 : ScalarType.Byte));
        Assert.All(expected.Zip(found), pair =>
        {
            Assert.Equal(pair.First.shape, pair.Second.shape);
            Assert.Equal(pair.First.dtype, pair.Second.dtype);
            Assert.True(pair.First.bytes.SequenceEqual(pair.Second.bytes));
        });
    }

    private long Write(
        string source,
        ModelOptions options,
        Quantization format,
        Action<long, long>? progress = null,
        CancellationToken cancellation = default)
    {
        ModelPlan plan = ModelPlan.Read(new ModelFolder(source, source, null), options);
        TextPlan text = TextPlan.Read(plan.Folder, plan.Config, options);
        QuantizedCheckpoint checkpoint = new(plan, text, options, format, progress ?? ((_, _) => { }));
        return checkpoint.Write(Directory.CreateDirectory(Target).FullName, cancellation);
    }
}
