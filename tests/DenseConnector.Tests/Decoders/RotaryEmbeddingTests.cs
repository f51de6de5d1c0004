using DenseConnector.Configuration;
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
        using RotaryEmbedding rotary = new(Config(Theta, 100), Size, ScalarType.Float32, CPU);
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
        using RotaryEmbedding rotary = new(Config(10000, 10), 4, ScalarType.Float32, CPU);
        Tensor heads = tensor([1f, 2, 3, 4], [1, 1, 1, 4]);

        Assert.Equal([1f, 2, 3, 4], rotary.call(heads, 0).data<float>().ToArray());
        Assert.Equal([1f, 2, 3, 4], heads.data<float>().ToArray());
    }

    [Fact]
    public void Constructor_BFloat16_RoundsTheTablesOnce()
    {
        using RotaryEmbedding rotary = new(Config(10000, 40), 4, ScalarType.BFloat16, CPU);
        Tensor heads = tensor([1f, 1, 0, 0], [1, 1, 1, 4]).to(ScalarType.BFloat16);

        // cos and sin of position 37 (and of 37 / 100), rounded from float32 to bfloat16.
        Tensor expected = tensor(
            [MathF.Cos(37), MathF.Cos(0.37f), MathF.Sin(37), MathF.Sin(0.37f)]).to(ScalarType.BFloat16);
        Tensor turned = rotary.call(heads, 37);

        Assert.Equal(ScalarType.BFloat16, turned.dtype);
        Assert.True(turned.view(4).to(ScalarType.Float32).equal(expected.to(ScalarType.Float32)).all().item<bool>());
    }

    [Fact]
    public void Forward_PartOfAHead_LeavesTheRestAsItIs()
    {
        using RotaryEmbedding rotary = new(Config(10000, 10), 2, ScalarType.Float32, CPU);
        Tensor heads = tensor([1f, 0, 3, 4], [1, 1, 1, 4]);

        float[] turned = rotary.call(heads, 1).data<float>().ToArray();

        Assert.Equal(Math.Cos(1), turned[0], 1e-6);
        Assert.Equal(Math.Sin(1), turned[1], 1e-6);
        Assert.Equal([3, 4], turned[2..]);
    }

    [Fact]
    public void Forward_BeyondThePositions_GrowsTheTables()
    {
        using RotaryEmbedding small = new(Config(10000, 2), 4, ScalarType.Float32, CPU);
        using RotaryEmbedding large = new(Config(10000, 100), 4, ScalarType.Float32, CPU);
        Tensor heads = tensor([1f, 2, 3, 4], [1, 1, 1, 4]);

        small.call(heads, 0);

        Assert.Equal(large.call(heads, 50).data<float>().ToArray(), small.call(heads, 50).data<float>().ToArray());
        Assert.Equal(large.call(heads, 1).data<float>().ToArray(), small.call(heads, 1).data<float>().ToArray());
    }

    [Fact]
    public void Constructor_LinearScaling_DividesThePositions()
    {
        using RotaryEmbedding plain = new(Config(10000, 100), 4, ScalarType.Float32, CPU);
        using RotaryEmbedding scaled = new(
            Config(10000, 100, """{"rope_scaling": {"type": "linear", "factor": 4.0}}"""), 4, ScalarType.Float32, CPU);
        Tensor heads = tensor([1f, 2, 3, 4], [1, 1, 1, 4]);

        Assert.Equal(plain.call(heads, 9).data<float>().ToArray(), scaled.call(heads, 36).data<float>().ToArray());
    }

    [Fact]
    public void Constructor_Llama3Scaling_StretchesLongWavelengthsOnly()
    {
        // Wavelengths of the four frequencies: 6, 63, 628, 6283. Above 1000 / 1 all is divided, below 1000 / 4 nothing.
        const string Json = """
            {"rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
             "original_max_position_embeddings": 1000}}
            """;
        float[] plain = [1f, 0.1f, 0.01f, 0.001f];

        float[] scaled = RopeScaling.Read(Config(10000, 100, Json))!.Scale(plain);

        double blend = ((1000 / (2 * Math.PI / 0.01)) - 1) / 3;
        Assert.Equal([1f, 0.1f, (float)(((1 - blend) * 0.01f / 8) + (blend * 0.01f)), 0.001f / 8], scaled);
    }

    [Fact]
    public void Constructor_UnknownScaling_SaysWhatIsKnown()
    {
        const string Json = """{"rope_scaling": {"type": "dynamic", "factor": 2.0}}""";
        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => new RotaryEmbedding(Config(10000, 100, Json), 4, ScalarType.Float32, CPU));
        Assert.Contains("'dynamic'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_Always_FreesTheTables()
    {
        long before = LiveTensors;

        using (RotaryEmbedding rotary = new(Config(10000, 10), 4, ScalarType.Float32, CPU))
        {
            using Tensor heads = zeros([1, 1, 1, 4], ScalarType.Float32);
            rotary.call(heads, 90).Dispose();
        }

        Assert.Equal(before, LiveTensors);
    }

    private static DecoderConfig Config(double theta, int positions, string json = "{}") => TinyLlama.Config() with
    {
        RopeTheta = theta,
        MaxPositions = positions,
        Json = ConfigJson.Parse("config.json", System.Text.Encoding.UTF8.GetBytes(json)),
    };
}
