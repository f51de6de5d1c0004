using DenseConnector.Connectors;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Connectors;

public sealed class PatchInfoMiningTests : TensorTest
{
    private const int Width = 32;
    private const int Channels = 56;
    private const int PerSide = 3;
    private const int Square = 2;
    private const int Batch = 2;

    [Fact]
    public void Mine_TwoPictures_EqualsTheFormulaPatchByPatch()
    {
        using Checkpoint checkpoint = Open();
        using PatchInfoMining mining = Mining(checkpoint, new SingleLayer());
        float[] tokens = Values(1, Batch * PerSide * PerSide * Width);
        float[] map = Values(2, Batch * Channels * PerSide * Square * PerSide * Square);

        float[] mined = mining.Mine(Tokens(tokens), Map(map)).data<float>().ToArray();

        double[][] weights = [.. mining.parameters().Select(
            weight => weight.data<float>().Select(value => (double)value).ToArray())];
        for (int patch = 0; patch < Batch * PerSide * PerSide; patch++)
        {
            double[] token = [.. tokens.Skip(patch * Width).Take(Width).Select(value => (double)value)];
            double[] expected = Answer(weights, token, Cells(map, patch));
            for (int i = 0; i < Width; i++)
            {
                Assert.Equal(expected[i], mined[(patch * Width) + i], 1e-5);
            }
        }
    }

    [Theory]
    [InlineData(true, false, "features lie on meta, the weights of PatchInfoMining on cpu")]
    [InlineData(false, true, "high-resolution map lie on meta, the weights of PatchInfoMining on cpu")]
    public void Forward_PartOfTheInputOnAnotherDevice_Throws(bool tokens, bool map, string problem)
    {
        using Checkpoint checkpoint = Open();
        using PatchInfoMining mining = Mining(checkpoint, new SingleLayer());
        VisionFeatures features = Features(means: 0);
        features = new VisionFeatures(tokens ? features.Last.to(META) : features.Last, [])
        {
            Detail = map ? features.Detail!.to(META) : features.Detail,
        };

        ArgumentException error = Assert.Throws<ArgumentException>(() => mining.call(features));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_SingleLayer_AddsTheAnswerAndLeavesItsInputAlone()
    {
        using Checkpoint checkpoint = Open();
        using PatchInfoMining mining = Mining(checkpoint, new SingleLayer());
        VisionFeatures features = Features(means: 0);
        using Tensor before = features.Last.clone();

        Tensor sum = mining.call(features);

        Assert.True(features.Last.equal(before).all().item<bool>());
        Assert.True(sum.allclose(before + mining.Mine(features.Last, features.Detail!)));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("sti")]
    [InlineData("sci")]
    [InlineData("dci")]
    public void Forward_EveryConnector_GivesTheShapeItSays(string name)
    {
        using Checkpoint checkpoint = Open();
        using PatchInfoMining mining = Mining(checkpoint, ConnectorRegistry.Create(name, EncoderLayers.Clip)!);

        Tensor output = mining.call(Features(mining.Ranges.Count));

        Assert.Equal([Batch, mining.TokenCount(PerSide * PerSide), mining.OutputWidth(Width)], output.shape);
    }

    [Fact]
    public void Forward_DenseChannelIntegration_LeavesTheGroupsAsTheyAre()
    {
        using Checkpoint checkpoint = Open();
        using PatchInfoMining mining = Mining(checkpoint, new DenseChannelIntegration(EncoderLayers.Clip));
        VisionFeatures features = Features(means: 2);

        Tensor output = mining.call(features);

        Assert.True(output.narrow(2, Width, Width).equal(features.Means[0]).all().item<bool>());
        Assert.True(output.narrow(2, 2 * Width, Width).equal(features.Means[1]).all().item<bool>());
    }

    [Fact]
    public void Forward_WithoutAMap_Throws()
    {
        using Checkpoint checkpoint = Open();
        using PatchInfoMining mining = Mining(checkpoint, new SingleLayer());

        Assert.Throws<ArgumentException>(() => mining.call(Features(means: 0) with { Detail = null }));
    }

    [Fact]
    public void Mine_ScoresBeyondHalfPrecision_AreCappedNotLost()
    {
        using Checkpoint checkpoint = Open();
        using PatchInfoMining mining = Mining(checkpoint, new SingleLayer(), ScalarType.Float16);
        foreach (Tensor weight in mining.parameters())
        {
            weight.fill_(200);
        }

        VisionFeatures features = Features(means: 0);
        Tensor mined = mining.Mine(
            features.Last.to(ScalarType.Float16), features.Detail!.to(ScalarType.Float16));

        Assert.False(mined.isnan().any().item<bool>());
    }

    private static Checkpoint Open() => Checkpoint.Open(MiniGeminiFixtures.Plain.Checkpoint);

    private static PatchInfoMining Mining(
        Checkpoint checkpoint, Connector inner, ScalarType type = ScalarType.Float32) =>
        new(new WeightScope(checkpoint, type, CPU).At(CheckpointNames.Model), inner, Width, Channels);

    private static VisionFeatures Features(int means) => new(
        Tokens(Values(1, Batch * PerSide * PerSide * Width)),
        [.. Enumerable.Range(3, means).Select(seed => Tokens(Values(seed, Batch * PerSide * PerSide * Width)))])
    {
        Detail = Map(Values(2, Batch * Channels * PerSide * Square * PerSide * Square)),
    };

    private static Tensor Tokens(float[] values) => tensor(values, [Batch, PerSide * PerSide, Width]);

    private static Tensor Map(float[] values) =>
        tensor(values, [Batch, Channels, PerSide * Square, PerSide * Square]);

    private static float[] Values(int seed, int count)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((4 * random.NextDouble()) - 2))];
    }

    /// <summary>The map's vectors that show the same place as a patch, counted through both pictures.</summary>
    private static IEnumerable<double[]> Cells(float[] map, int patch)
    {
        int side = PerSide * Square;
        int picture = patch / (PerSide * PerSide);
        int top = patch % (PerSide * PerSide) / PerSide * Square;
        int left = patch % PerSide * Square;
        for (int y = top; y < top + Square; y++)
        {
            for (int x = left; x < left + Square; x++)
            {
                yield return [.. Enumerable.Range(0, Channels).Select(
                    channel => (double)map[(((picture * Channels) + channel) * side * side) + (y * side) + x])];
            }
        }
    }

    /// <summary>Weights in order: query, key, value, each norm scale, norm shift, matrix, bias.</summary>
    private static double[] Answer(double[][] weights, double[] token, IEnumerable<double[]> cells)
    {
        double[] query = Project(weights.AsSpan(0, 4), token);
        List<double> scores = [];
        List<double[]> values = [];
        foreach (double[] cell in cells)
        {
            double[] key = Project(weights.AsSpan(4, 4), cell);
            scores.Add(Math.Exp(query.Zip(key, (q, k) => q * k).Sum() / Math.Sqrt(Width)));
            values.Add(Project(weights.AsSpan(8, 4), cell));
        }

        return [.. Enumerable.Range(0, Width).Select(
            i => scores.Zip(values, (score, value) => score * value[i]).Sum() / scores.Sum())];
    }

    private static double[] Project(ReadOnlySpan<double[]> weights, double[] input)
    {
        double mean = input.Average();
        double deviation = Math.Sqrt(input.Average(value => (value - mean) * (value - mean)) + 1e-5);
        // The norm's scale and shift, the bias, the matrix: the order in which modules give their parameters.
        double[] output = (double[])weights[2].Clone();
        for (int row = 0; row < output.Length; row++)
        {
            for (int i = 0; i < input.Length; i++)
            {
                double normed = ((input[i] - mean) / deviation * weights[0][i]) + weights[1][i];
                output[row] += weights[3][(row * input.Length) + i] * normed;
            }
        }

        return output;
    }
}
