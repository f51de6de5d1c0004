using DenseConnector.Connectors;
using DenseConnector.Vision;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Vision;

public sealed class FeatureCollectorTests : TensorTest
{
    private static readonly LayerRange[] Groups = [new(0, 3), new(4, 7)];

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Finish_Ranges_EqualsTheMeansOfTheStack(ScalarType type)
    {
        Tensor[] states = States(8, type);

        VisionFeatures features = Collect(states, Groups, last: 7, classTokens: 1);

        // As the official dense_connector.py takes them: the sum over a stack, divided.
        Assert.Equal(2, features.Means.Count);
        for (int i = 0; i < 2; i++)
        {
            Tensor group = stack(states[(4 * i)..(4 * (i + 1))]);
            Tensor expected = group.narrow(2, 1, 5).sum([0L]).div_(4);
            Assert.Equal(type, features.Means[i].dtype);
            Assert.True(features.Means[i].allclose(expected, 1e-6, 1e-5), $"group {i}");
        }
    }

    [Fact]
    public void Finish_LastFeature_DropsTheClassTokens()
    {
        Tensor[] states = States(4);

        VisionFeatures features = Collect(states, [], last: 2, classTokens: 1);

        Assert.True(features.Last.equal(states[2].narrow(1, 1, 5)).all().item<bool>());
        Assert.Empty(features.Means);
    }

    [Fact]
    public void Finish_NoClassTokens_KeepsAll() =>
        Assert.Equal([2, 6, 3], Collect(States(2), [], last: 1, classTokens: 0).Last.shape);

    [Fact]
    public void Finish_RangeOfOneState_IsThatState()
    {
        Tensor[] states = States(3);

        VisionFeatures features = Collect(states, [new(1, 1)], last: 2, classTokens: 0);

        Assert.True(features.Means[0].equal(states[1]).all().item<bool>());
    }

    [Fact]
    public void Finish_OverlappingRanges_CountAStateInEach()
    {
        Tensor[] states = States(3);

        VisionFeatures features = Collect(states, [new(0, 1), new(1, 2)], last: 1, classTokens: 0);

        Assert.True(features.Means[0].allclose((states[0] + states[1]) / 2));
        Assert.True(features.Means[1].allclose((states[1] + states[2]) / 2));
    }

    [Fact]
    public void Add_State_IsReadNow()
    {
        FeatureCollector collector = new([new(0, 0)], 0, classTokens: 0);
        Tensor state = ones(1, 2, 3);

        collector.Add(0, state);
        state.zero_();

        VisionFeatures features = collector.Finish();
        Assert.Equal(1f, features.Last.mean().item<float>());
        Assert.Equal(1f, features.Means[0].mean().item<float>());
    }

    [Theory]
    [InlineData(23, 23)]
    [InlineData(3, 7)]
    [InlineData(9, 9)]
    public void Deepest_RangesAndLast_IsTheDeeperOne(int last, int expected) =>
        Assert.Equal(expected, new FeatureCollector(Groups, last, 1).Deepest);

    [Fact]
    public void Deepest_NoRanges_IsTheLast() => Assert.Equal(5, new FeatureCollector([], 5, 1).Deepest);

    private static VisionFeatures Collect(Tensor[] states, LayerRange[] ranges, int last, int classTokens)
    {
        FeatureCollector collector = new(ranges, last, classTokens);
        for (int index = 0; index < states.Length; index++)
        {
            collector.Add(index, states[index]);
        }

        return collector.Finish();
    }

    /// <summary>States <c>[2, 6, 3]</c> of different sizes, so that rounding would show.</summary>
    private static Tensor[] States(int count, ScalarType type = ScalarType.Float32) =>
        [.. Enumerable.Range(0, count).Select(i =>
            (arange(36, ScalarType.Float32).reshape(2, 6, 3) * (i + 1.37)).sin().mul_(1 + (50 * i)).to(type))];
}
