using DenseConnector.Configuration;
using DenseConnector.Decoders;
using DenseConnector.Layers;
using DenseConnector.Loading;
using DenseConnector.Tests.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Decoders;

public sealed class DecoderMatricesTests : TensorTest
{
    [Theory]
    [InlineData(Quantization.None, ScalarType.Float32, false)]
    [InlineData(Quantization.None, ScalarType.BFloat16, true)]
    [InlineData(Quantization.Int8, ScalarType.Float32, true)]
    [InlineData(Quantization.Int8, ScalarType.BFloat16, false)]
    [InlineData(Quantization.Int4, ScalarType.BFloat16, false)]
    public void CountBytes_Llama_IsThatOfItsMatrices(Quantization format, ScalarType type, bool tied)
    {
        DecoderConfig config = TinyLlama.Config() with { TieWordEmbeddings = tied };
        using WeightFolder folder = new(new WeightFile().Add(TinyLlama.Weights(config)));
        using ComputeContext compute = ComputeContext.Start(type, CPU);
        using Decoder decoder = DecoderRegistry.Create(
            new WeightScope(folder.Checkpoint, compute).With(format, isQuantized: false), config);
        LinearWeight[] weights = [.. decoder.modules().OfType<LinearWeight>()];

        DecoderMatrices matrices = new(config);

        Assert.Equal(weights.Sum(weight => weight.Count), matrices.Count);
        Assert.Equal(weights.Sum(Bytes), matrices.CountBytes(format, type));
        Assert.Equal(weights.Max(weight => weight.Count), matrices.Largest);
        Assert.Equal(48 * 32, matrices.LargestOfLayers);
        Assert.Equal(48, matrices.MostColumns);
    }

    private static long Bytes(LinearWeight weight) => weight.parameters().Concat(weight.buffers())
        .Sum(tensor => tensor.numel() * tensor.element_size());
}
