using DenseConnector.Configuration;
using DenseConnector.Decoders;
using DenseConnector.Loading;
using DenseConnector.Tests.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Decoders;

public sealed class DecoderRegistryTests : TensorTest
{
    [Theory]
    [InlineData("llama")]
    [InlineData("llava")]
    [InlineData("llava_llama")]
    public void Create_LlamaNames_GiveALlamaDecoder(string type)
    {
        DecoderConfig config = TinyLlama.Config() with { ModelType = type };
        using WeightFolder folder = new(new WeightFile().Add(TinyLlama.Weights(config)));

        using Decoder decoder = DecoderRegistry.Create(
            new WeightScope(folder.Checkpoint, ScalarType.Float32, CPU), config);

        Assert.IsType<LlamaDecoder>(decoder);
        folder.Checkpoint.ThrowIfIncomplete();
    }

    [Fact]
    public void Create_UnknownName_ListsTheKnownOnes()
    {
        DecoderConfig config = TinyLlama.Config() with { ModelType = "gemma" };
        using WeightFolder folder = new(new WeightFile().Add("a", 1));

        ModelConfigException error = Assert.Throws<ModelConfigException>(() => DecoderRegistry.Create(
            new WeightScope(folder.Checkpoint, ScalarType.Float32, CPU), config).Dispose());

        Assert.Contains("'gemma', supported are 'llama', ", error.Message, StringComparison.Ordinal);
    }
}
