using DenseConnector.Connectors;
using DenseConnector.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Vision;

/// <summary>
/// Gathers the features of one forward pass while the hidden states go by: running sums for the ranges, the last
/// feature, and nothing else, so no stack of hidden states is ever kept.
/// </summary>
/// <param name="ranges">The hidden states to average.</param>
/// <param name="last">The hidden state that is the last feature.</param>
/// <param name="classTokens">Leading tokens that are no patches and are dropped.</param>
internal sealed class FeatureCollector(IReadOnlyList<LayerRange> ranges, int last, int classTokens)
{
    // In float32 whatever the model's type: the reference's sum over a stack of states rounds only once.
    private readonly Tensor?[] _sums = new Tensor?[ranges.Count];
    private Tensor? _last;

    /// <summary>The deepest hidden state that is used; layers beyond it need not run.</summary>
    public int Deepest { get; } = Math.Max(last, ranges.Count == 0 ? 0 : ranges.Max(range => range.Last));

    /// <summary>
    /// Takes note of hidden state <paramref name="index"/>, <c>[batch, classTokens + patches, width]</c>.
    /// </summary>
    /// <remarks>The state is read now and not kept; sums leave the caller's innermost scope.</remarks>
    public void Add(int index, Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor patches = hidden.narrow(1, classTokens, hidden.shape[1] - classTokens);
        for (int i = 0; i < ranges.Count; i++)
        {
            if (index < ranges[i].First || index > ranges[i].Last)
            {
                continue;
            }

            if (_sums[i] is Tensor sum)
            {
                sum.AddInPlace(patches);
            }
            else
            {
                _sums[i] = patches.to(ScalarType.Float32, copy: true).MoveToOuterDisposeScope();
            }
        }

        if (index == last)
        {
            _last = patches.clone().MoveToOuterDisposeScope();
        }
    }

    /// <summary>The features, when every state up to <see cref="Deepest"/> has gone by.</summary>
    public VisionFeatures Finish()
    {
        ScalarType type = _last!.dtype;
        return new VisionFeatures(
            _last, [.. ranges.Select((range, i) => _sums[i]!.to(type, copy: true).DivideInPlace(range.Count))]);
    }
}
