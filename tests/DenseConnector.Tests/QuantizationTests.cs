using DenseConnector.Decoders;
using DenseConnector.Layers;
using DenseConnector.Loading;
using DenseConnector.Tests.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Tests;

/// <summary>Checkpoints whose matrices are stored in 8 or 4 bits: the tiny model, with all else in bfloat16.</summary>
public sealed class QuantizationTests : TensorTest
{
    private const string Query = "model.layers.0.self_attn.q_proj.weight";
    private const string Head = "lm_head.weight";

    private readonly ModelCopy _model = new();

    protected override void DisposeTest() => _model.Dispose();

    [LinuxX64Theory]
    [InlineData(Quantization.Int8)]
    [InlineData(Quantization.Int4)]
    public void Build_Stored_EveryWeightIsMappedAndEqualsTheOneRoundedAtTheLoad(Quantization format)
    {
        using ModelParts rounded = Build(_model.ReadPlan(), format, MemoryMap.Never);
        _model.StoreQuantized(format);
        List<LoadProgress> progress = [];

        using ModelParts mapped = Build(_model.ReadPlan(), format, MemoryMap.Auto, progress.Add);

        Tensor[] expected = Stored(rounded), found = Stored(mapped);
        Assert.Equal(expected.Length, found.Length);
        Assert.Equal(format == Quantization.Int8 ? 29 : 1, found.Count(weight => weight.dtype == ScalarType.Int8));
        Assert.Equal(format == Quantization.Int4 ? 28 : 0, found.Count(weight => weight.dtype == ScalarType.Byte));
        Assert.All(found.Zip(expected), pair =>
        {
            Assert.True(MappedRanges.Holds(_model.Path, pair.First));
            Assert.Equal(pair.Second.shape, pair.First.shape);
            Assert.Equal(pair.Second.dtype, pair.First.dtype);
            Assert.True(pair.Second.bytes.SequenceEqual(pair.First.bytes));
        });
        Assert.Equal(format, mapped.Quantization);
        Assert.Equal(rounded.CountWeights(), mapped.CountWeights());
        Assert.Equal(found.Length, progress.Count);
        Assert.Equal(new LoadProgress(progress[^1].TotalBytes, progress[^1].TotalBytes), progress[^1]);
        Assert.Equal(Score(rounded), Score(mapped));
    }

    [Theory]
    [InlineData(Quantization.Int8)]
    [InlineData(Quantization.Int4)]
    public void Build_StoredAndCopied_EqualsTheOneRoundedAtTheLoad(Quantization format)
    {
        using ModelParts rounded = Build(_model.ReadPlan(), format, MemoryMap.Never);
        _model.StoreQuantized(format);

        using ModelParts copied = Build(_model.ReadPlan(), format, MemoryMap.Never);

        Assert.All(Stored(rounded).Zip(Stored(copied)), pair => Assert.True(
            pair.First.bytes.SequenceEqual(pair.Second.bytes)));
    }

    [Theory]
    [InlineData(Quantization.Int8, Query + "_scale", "'model.layers.0.self_attn.q_proj.weight_scale' [128]")]
    [InlineData(Quantization.Int4, Query + "_scale", "'model.layers.0.self_attn.q_proj.weight_scale' [8, 4, 16]")]
    [InlineData(Quantization.Int4, Query + "_int4", "'model.layers.0.self_attn.q_proj.weight_int4' [8, 16, 16, 4]")]
    [InlineData(Quantization.Int4, Head + "_scale", "'lm_head.weight_scale' [1024]")]
    public void Check_TensorMissing_NamesItAndItsShape(Quantization format, string name, string named)
    {
        _model.StoreQuantized(format, tensors => tensors.Remove(name));

        Assert.Contains($"1 missing: {named}.", Problem(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Quantization.Int8, Query, "expected [128, 128]")]
    [InlineData(Quantization.Int8, Query + "_scale", "expected [128]")]
    [InlineData(Quantization.Int4, Query + "_int4", "expected [8, 16, 16, 4]")]
    [InlineData(Quantization.Int4, Query + "_scale", "expected [8, 4, 16]")]
    [InlineData(Quantization.Int4, Head, "expected [1024, 128]")]
    public void Check_OtherShape_NamesBoth(Quantization format, string name, string expected)
    {
        _model.StoreQuantized(
            format, tensors => tensors[name] = tensors[name] with { Shape = [1, Count(tensors[name])] });

        Assert.Contains($"1 of another shape: '{name}' has shape [", Problem(), StringComparison.Ordinal);
        Assert.Contains(expected, Problem(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Quantization.Int8, Query, TensorType.U8, "is of type U8; config.json says", "has to be I8")]
    [InlineData(Quantization.Int8, Query, TensorType.BF16, "is of type BF16; config.json says", "has to be I8")]
    [InlineData(Quantization.Int4, Query + "_int4", TensorType.I8, "is of type I8; config.json", "has to be U8")]
    [InlineData(Quantization.Int4, Query + "_scale", TensorType.I16, "is of type I16; weights are", "BF16")]
    [InlineData(Quantization.Int8, Head + "_scale", TensorType.I32, "is of type I32; weights are", "F32")]
    public void Check_OtherType_NamesBoth(Quantization format, string name, object type, params string[] parts)
    {
        _model.StoreQuantized(format, tensors =>
        {
            byte[] bytes = new byte[SafetensorsWriter.ByteLength((TensorType)type, tensors[name].Shape)];
            tensors[name] = tensors[name] with { Type = (TensorType)type, Bytes = bytes };
        });

        Assert.All(["'" + name + "'", .. parts], part => Assert.Contains(part, Problem(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Quantization.Int8, "int4", "'model.layers.0.self_attn.q_proj.weight_int4' [8, 16, 16, 4]")]
    [InlineData(Quantization.Int4, "int8", "'model.layers.0.self_attn.q_proj.weight' [128, 128]")]
    public void Check_StoredInTheOtherFormat_SaysWhatIsMissing(Quantization format, string said, string missing)
    {
        _model.StoreQuantized(format).Set(
            "quantization_config",
            new System.Text.Json.Nodes.JsonObject { ["quant_method"] = "denseconnector", ["format"] = said });

        Assert.Contains(missing, Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_StoredButNotSaidSo_NamesTheIntegers()
    {
        _model.StoreQuantized(Quantization.Int8).Remove("quantization_config");

        Assert.Contains("is of type I8; weights are F64, F32, F16 or BF16", Problem(), StringComparison.Ordinal);
    }

    /// <summary>A file that is not aligned is read as one that is, only copied where it has to be.</summary>
    [Theory]
    [InlineData(Quantization.Int8)]
    [InlineData(Quantization.Int4)]
    public void Build_TensorsAtOddPlaces_EqualsTheOneRoundedAtTheLoad(Quantization format)
    {
        using ModelParts rounded = Build(_model.ReadPlan(), format, MemoryMap.Never);
        _model.StoreQuantized(format, tensors =>
        {
            KeyValuePair<string, ModelCopy.StoredTensor>[] all = [.. tensors];
            tensors.Clear();

            // The vision tower's last layer is not used.
            tensors["model.vision_tower.vision_tower.vision_model.encoder.layers.23.odd"] =
                new ModelCopy.StoredTensor(TensorType.U8, [1], [7]);
            Array.ForEach(all, item => tensors[item.Key] = item.Value);
        });

        using ModelParts odd = Build(_model.ReadPlan(), format, MemoryMap.Always);

        Assert.All(Stored(rounded).Zip(Stored(odd)), pair => Assert.True(
            pair.First.bytes.SequenceEqual(pair.Second.bytes)));
        Assert.Equal(Score(rounded), Score(odd));
    }

    /// <summary>What a file holds: all but the tables that are computed.</summary>
    private static Tensor[] Stored(ModelParts parts) =>
    [
        .. parts.Visuals.parameters(), .. parts.Decoder.parameters(),
        .. parts.Decoder.modules().OfType<LinearWeight>().SelectMany(weight => weight.buffers()),
    ];

    private static long Count(ModelCopy.StoredTensor tensor) =>
        tensor.Shape.Aggregate(1L, (product, length) => product * length);

    private static ModelParts Build(
        ModelPlan plan, Quantization format, MemoryMap map, Action<LoadProgress>? progress = null)
    {
        using ModelBuilder builder = new(plan, VisionWeights.Auto, map);
        return builder.Build(
            ScalarType.BFloat16,
            CPU,
            progress is null ? null : new Immediate(progress),
            CancellationToken.None,
            format);
    }

    /// <summary>The scores behind a few tokens, read in one go and one by one.</summary>
    private static float[] Score(ModelParts parts)
    {
        using DisposeScope scope = NewDisposeScope();
        using KeyValueCache cache = new(parts.Decoder.Config, 64, ScalarType.BFloat16, CPU);
        List<float> scores = [];
        foreach (long[] ids in new long[][] { [.. Enumerable.Range(3, 40)], [7], [900] })
        {
            Tensor hidden = parts.Decoder.call(
                parts.Decoder.Embed(tensor(ids)), new DecoderBatch(cache, ids.Length));
            scores.AddRange(TensorRows.ToSingle(parts.Decoder.Score(hidden.narrow(0, ids.Length - 1, 1))));
        }

        return [.. scores];
    }

    private string Problem()
    {
        using ModelBuilder builder = new(_model.ReadPlan(), VisionWeights.Auto);
        return Assert.Throws<CheckpointException>(
            () => builder.Check(ScalarType.BFloat16, CancellationToken.None)).Message;
    }

    private sealed class Immediate(Action<LoadProgress> report) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => report(value);
    }
}
