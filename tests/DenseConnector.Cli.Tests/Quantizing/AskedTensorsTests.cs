using DenseConnector.Cli.Quantizing;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Tests.Quantizing;

public sealed class AskedTensorsTests
{
    [Fact]
    public void Read_EveryTypeOfAModel_IsNotedInOrderAndNotRead()
    {
        NativeLibraries.EnsureLoaded();
        using Checkpoint source = Checkpoint.Open(ToolRun.TinyModel);
        AskedTensors asked = new(source);

        foreach (ScalarType type in new[] { ScalarType.Byte, ScalarType.BFloat16, ScalarType.Int8, ScalarType.Float32 })
        {
            using Tensor tensor = asked.Read($"no.{type}", [2, 3], type, META, CancellationToken.None);
            Assert.Equal([2, 3], tensor.shape);
        }

        Assert.Equal(
            [
                ("no.Byte", TensorType.U8), ("no.BFloat16", TensorType.BF16), ("no.Int8", TensorType.I8),
                ("no.Float32", TensorType.F32),
            ],
            asked.All.Select(tensor => (tensor.Name, tensor.Type)));
        Assert.All(asked.All, tensor => Assert.Equal([2, 3], tensor.Shape));
        Assert.Equal(0, source.BytesRead);
        Assert.Equal([1024, 128], asked.ShapeOf("lm_head.weight")!);
        Assert.True(asked.Any("model.layers.3."));
    }
}
