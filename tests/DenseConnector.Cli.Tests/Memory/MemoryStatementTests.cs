using DenseConnector.Cli.Memory;
using DenseConnector.Decoders;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Tests.Memory;

/// <summary>What is stated of the bundled model, against the tensors that a load makes.</summary>
public sealed class MemoryStatementTests
{
    public static TheoryData<Precision, Quantization> Formats => new()
    {
        { Precision.Float32, Quantization.None },
        { Precision.BFloat16, Quantization.None },
        { Precision.Float32, Quantization.Int8 },
        { Precision.BFloat16, Quantization.Int8 },
        { Precision.Float32, Quantization.Int4 },
        { Precision.BFloat16, Quantization.Int4 },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Of_BundledModel_CountsTheBytesOfItsTensors(Precision precision, Quantization quantization)
    {
        ModelOptions options = new() { Device = "cpu", Precision = precision, Quantization = quantization };
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(ToolRun.TinyModel, options);

        await model.Thread.RunAsync(() =>
        {
            MemoryStatement stated = State(model, options, tokens: 100);

            Assert.Equal(Bytes(model.Parts.Visuals), stated.Parts.VisionWeights);
            Assert.Equal(Bytes(model.Parts.Decoder), stated.Parts.DecoderWeights);
            Assert.Equal(precision, stated.Precision);
            Assert.Equal(quantization, stated.Quantization);
            using KeyValueCache cache = new(model.Plan.Config.Decoder, 100, model.Parts.Decoder.Type, CPU);
            Assert.Equal(cache.Bytes, stated.Parts.KeyValueCache);
            return true;
        });
    }

    [Fact]
    public async Task Of_QuantizedModel_HasRoomForItsLargestMatrices()
    {
        ModelOptions options = new() { Device = "cpu", Quantization = Quantization.Int8 };
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(ToolRun.TinyModel, options);

        MemoryParts quantized = State(model, options, tokens: 100).Parts;
        MemoryParts plain = State(model, options with { Quantization = Quantization.None }, tokens: 100).Parts;

        // Of a layer the feed-forward block's, [320, 128]; of all that are rounded the head, [1024, 128].
        Assert.Equal(2 * 320 * 128, quantized.Dequantization);
        Assert.Equal(0, plain.Dequantization);
        Assert.InRange(quantized.Loading - plain.Loading, 2 * 1024 * 128, long.MaxValue);
    }

    [Fact]
    public async Task Of_BaseModel_HasRoomForTheSumOfAnAdapter()
    {
        ModelOptions options = new() { Device = "cpu" };
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(ToolRun.TinyModel, options);
        MemoryStatement whole = State(model, options, tokens: 1);

        MemoryStatement adapted = MemoryStatement.Of(
            model.Plan with { BaseModel = "base" }, WeightCount.Of(model.Parts), ScalarType.Float32, options, 1);

        Assert.Equal(4 * 1024 * 128, adapted.Parts.Loading - whole.Parts.Loading);
    }

    [Fact]
    public async Task Of_MoreTokens_TakeMoreOfWhatIsKept()
    {
        ModelOptions options = new() { Device = "cpu", PrefixCacheBytes = 1 << 20, VisualCacheBytes = 1000 };
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(ToolRun.TinyModel, options);

        MemoryStatement few = State(model, options, tokens: 100), many = State(model, options, tokens: 1000);

        // Four layers, two heads of 32 channels, keys and values in float32; the budget counts those under way.
        const int BytesPerToken = 4 * 2 * 32 * 2 * 4;
        Assert.Equal(100 * BytesPerToken, few.Parts.KeyValueCache);
        Assert.Equal((1 << 20) - (100 * BytesPerToken) + 1000, few.KeptBytes);
        Assert.Equal(1000, many.KeptBytes);
        Assert.True(many.Parts.Activations > few.Parts.Activations);
        Assert.Equal(many.Parts.RunningPeak(), many.PeakBytes);
    }

    [Fact]
    public void PeakBytes_LoadThatTakesMoreThanARequest_IsTheLoads()
    {
        MemoryParts parts = new(
            Runtime: 1,
            VisionWeights: 10,
            DecoderWeights: 100,
            Loading: 5000,
            Dequantization: 1000,
            KeyValueCache: 2000,
            Activations: 1500);

        Assert.Equal(5111, parts.LoadingPeak());
        Assert.Equal(4611, parts.RunningPeak());
        Assert.Equal(5111, Statement(parts, available: 5111).PeakBytes);
        Assert.Equal(4611, Statement(parts with { Loading = 4000 }, available: 0).PeakBytes);
        Assert.True(Statement(parts, available: 5111).Fits);
        Assert.False(Statement(parts, available: 5110).Fits);
    }

    private static MemoryStatement Statement(MemoryParts parts, long available) =>
        new(Precision.BFloat16, Quantization.Int4, 1, parts, 0, 0, available);

    private static MemoryStatement State(DenseConnectorModel model, ModelOptions options, int tokens) =>
        MemoryStatement.Of(model.Plan, WeightCount.Of(model.Parts), model.Parts.Decoder.Type, options, tokens);

    /// <summary>Bytes of a module's tensors; the tables that all layers share are counted once.</summary>
    private static long Bytes(nn.Module part) => part.parameters().Concat(part.buffers())
        .DistinctBy(tensor => tensor.Handle)
        .Sum(tensor => tensor.numel() * tensor.element_size());
}
