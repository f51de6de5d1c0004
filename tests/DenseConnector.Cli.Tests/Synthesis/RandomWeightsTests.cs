using System.Runtime.InteropServices;
using DenseConnector.Cli.Synthesis;
using DenseConnector.Loading;

namespace DenseConnector.Cli.Tests.Synthesis;

public sealed class RandomWeightsTests
{
    [Theory]
    [InlineData(nameof(TensorType.BF16))]
    [InlineData(nameof(TensorType.F16))]
    [InlineData(nameof(TensorType.F32))]
    public void Fill_Matrix_KeepsTheSizeOfWhatGoesIn(string type)
    {
        float[] values = Values("q_proj.weight", type, 0, 512, 1024);

        // One over the root of 1024 inputs is 1/32; exponents come in steps of four.
        double size = Math.Sqrt(values.Average(value => (double)value * value));
        Assert.InRange(size, 1.0 / 64, 1.0 / 16);
        Assert.InRange(values.Average(), -1e-3, 1e-3);
        Assert.True(values.Distinct().Count() > 200);
    }

    [Theory]
    [InlineData("norm.weight", 1)]
    [InlineData("blocks.0.gamma", 1)]
    [InlineData("fc1.bias", 0)]
    public void Fill_Vector_IsOneOrZero(string name, float expected)
    {
        Assert.All(Values(name, nameof(TensorType.BF16), 0, 77), value => Assert.Equal(expected, value));
        Assert.All(Values(name, nameof(TensorType.F16), 0, 77), value => Assert.Equal(expected, value));
    }

    [Fact]
    public void Fill_NameAndSeed_DecideTheValues()
    {
        float[] values = Values("a", nameof(TensorType.BF16), 0, 8, 100);

        Assert.Equal(values, Values("a", nameof(TensorType.BF16), 0, 8, 100));
        Assert.NotEqual(values, Values("a", nameof(TensorType.BF16), 1, 8, 100));
        Assert.NotEqual(values, Values("b", nameof(TensorType.BF16), 0, 8, 100));
    }

    private static float[] Values(string name, string typeName, ulong seed, params long[] shape)
    {
        TensorType type = Enum.Parse<TensorType>(typeName);
        byte[] bytes = new byte[SafetensorsWriter.ByteLength(type, shape)];
        new RandomWeights(name, shape, type, seed).Fill(bytes);
        return type switch
        {
            TensorType.F32 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            TensorType.F16 => [.. MemoryMarshal.Cast<byte, Half>(bytes).ToArray().Select(half => (float)half)],
            _ => [.. MemoryMarshal.Cast<byte, ushort>(bytes).ToArray()
                .Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16))],
        };
    }
}
