using DenseConnector.Decoders;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Decoders;

public sealed class RotaryEmbeddingTests : TensorTest
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(97)]
    public void Forward_Heads_TurnsPairsByTheFormula(int position)
    {
        const int Size = 8;
        const double Theta = 500000;
        using RotaryEmbedding rotary = new(Size, Theta, 100, ScalarType.Float32, CPU);
        Tensor heads = arange(2 * 3 * Size, ScalarType.Float32).mul_(0.3).cos_().view(1, 2, 3, Size);

        float[] turned = rotary.call(heads, position).data<float>().ToArray();

        float[] input = heads.data<float>().ToArray();
        for (int row = 0; row < 6; row++)
        {
            for (int i = 0; i < Size / 2; i++)
            {
                double angle = (position + (row % 3)) * Math.Pow(Theta, -2.0 * i / Size);
                double low = input[(row * Size) + i];
                double high = input[(row * Size) + i + (Size / 2)];
                Assert.Equal(
                    (low * Math.Cos(angle)) - (high * Math.Sin(angle)), turned[(row * Size) + i], 1e-5);
                Assert.Equal(
                    (high * Math.Cos(angle)) + (low * Math.Sin(angle)), turned[(row * Size) + i + (Size / 2)], 1e-5);
            }
        }
    }

    [Fact]
    public void Forward_Position0_ChangesNothingAndKeepsTheInput()
    {
        using RotaryEmbedding rotary = new(4, 10000, 10, ScalarType.Float32, CPU);
        Tensor heads = tensor([1f, 2, 3, 4], [1, 1, 1, 4]);

        Assert.Equal([1f, 2, 3, 4], rotary.call(heads, 0).data<float>().ToArray());
        Assert.Equal([1f, 2, 3, 4], heads.data<float>().ToArray());
    }

    [Fact]
    public void Constructor_BFloat16_RoundsTheTablesOnce()
    {
        using RotaryEmbedding rotary = new(4, 10000, 40, ScalarType.BFloat16, CPU);
        Tensor heads = tensor([1f, 1, 0, 0], [1, 1, 1, 4]).to(ScalarType.BFloat16);

        // cos and sin of position 37 (and of 37 / 100), rounded from float32 to bfloat16.
        Tensor expected = tensor(
            [MathF.Cos(37), MathF.Cos(0.37f), MathF.Sin(37), MathF.Sin(0.37f)]).to(ScalarType.BFloat16);
        Tensor turned = rotary.call(heads, 37);

        Assert.Equal(ScalarType.BFloat16, turned.dtype);
        Assert.True(turned.view(4).to(ScalarType.Float32).equal(expected.to(ScalarType.Float32)).all().item<bool>());
    }

    [Fact]
    public void Dispose_Always_FreesTheTables()
    {
        long before = LiveTensors;

        new RotaryEmbedding(4, 10000, 10, ScalarType.Float32, CPU).Dispose();

        Assert.Equal(before, LiveTensors);
    }
}
