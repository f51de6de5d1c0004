using DenseConnector.Cli.Quantizing;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Tests.Quantizing;

public sealed class QuantizedWeightsTests : IDisposable
{
    private readonly ModelPlan _plan =
        ModelPlan.Read(new ModelFolder("tiny", ToolRun.TinyModel, null), new ModelOptions());

    private readonly ModelBuilder _builder;

    public QuantizedWeightsTests()
    {
        NativeLibraries.EnsureLoaded();
        _builder = new ModelBuilder(_plan, VisionWeights.Auto, MemoryMap.Never);
    }

    public void Dispose() => _builder.Dispose();

    [Theory]
    [InlineData(Quantization.Int8, 29, 29, 0)]
    [InlineData(Quantization.Int4, 1, 1, 28)]
    public void Tensors_TinyModel_AreThoseOfTheFormat(Quantization format, int int8, int rowScales, int int4)
    {
        using QuantizedWeights weights = Make(format);

        Assert.Equal(int8, weights.Tensors.Count(tensor => tensor.Type == TensorType.I8));
        Assert.Equal(rowScales, weights.Tensors.Count(tensor => tensor.Type == TensorType.F32));
        Assert.Equal(int4, weights.Tensors.Count(tensor => tensor.Type == TensorType.U8));
        Assert.Equal(weights.Tensors.Count, weights.Tensors.Select(tensor => tensor.Name).Distinct().Count());
        string query = "model.layers.3.self_attn.q_proj.weight";
        Assert.Contains(weights.Tensors, tensor => tensor.Name == query + (int4 > 0 ? "_int4" : string.Empty));
        Assert.Contains(weights.Tensors, tensor => tensor.Name == query + "_scale");
        Assert.Contains(weights.Tensors, tensor => tensor is { Name: "lm_head.weight", Type: TensorType.I8 });
        Assert.Contains(
            weights.Tensors, tensor => tensor is { Name: "model.embed_tokens.weight", Type: TensorType.BF16 });
    }

    [Theory]
    [InlineData(Quantization.Int8)]
    [InlineData(Quantization.Int4)]
    public void Take_AnyOrder_GivesTheSameTensors(Quantization format)
    {
        using QuantizedWeights forward = Make(format);
        using QuantizedWeights backward = Make(format);

        Dictionary<string, byte[]> expected = forward.Tensors.ToDictionary(
            tensor => tensor.Name, tensor => TakeBytes(forward, tensor));
        Dictionary<string, byte[]> found = backward.Tensors.Reverse().ToDictionary(
            tensor => tensor.Name, tensor => TakeBytes(backward, tensor));

        Assert.All(expected, tensor => Assert.Equal(tensor.Value, found[tensor.Key]));
    }

    [Fact]
    public void Dispose_HalfOfAMatrixTaken_LeavesNoTensor()
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (QuantizedWeights weights = Make(Quantization.Int4))
        {
            weights.Take("lm_head.weight", CancellationToken.None).Dispose();
        }

        _builder.Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static byte[] TakeBytes(
        QuantizedWeights weights, (string Name, TensorType Type, IReadOnlyList<long> Shape) tensor)
    {
        using Tensor values = weights.Take(tensor.Name, CancellationToken.None);
        Assert.Equal(tensor.Shape, values.shape);
        Assert.Equal(SafetensorsWriter.ByteLength(tensor.Type, tensor.Shape), values.bytes.Length);
        return values.bytes.ToArray();
    }

    private QuantizedWeights Make(Quantization format) =>
        new(_plan, _builder.Weights, format, ScalarType.BFloat16, CancellationToken.None);
}
