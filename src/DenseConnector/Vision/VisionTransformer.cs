using DenseConnector.Configuration;
using DenseConnector.Connectors;
using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Vision;

/// <summary>
/// The layers CLIP and SigLIP share, built only to the deepest hidden state used: embedded patches
/// <c>[batch, tokens, width]</c> (hidden state 0) → the features a connector asked for.
/// </summary>
internal sealed class VisionTransformer : nn.Module<Tensor, VisionFeatures>
{
    private readonly TorchSharp.Modules.ModuleList<VisionLayer> _layers = new();
    private readonly IReadOnlyList<LayerRange> _ranges;
    private readonly int _last;
    private readonly int _classTokens;

    /// <summary>
    /// Reads the layers under <c>encoder.layers</c>; what lies behind the deepest one used is left unread.
    /// </summary>
    /// <param name="weights">The scope of <c>vision_model</c>.</param>
    /// <param name="config">The tower.</param>
    /// <param name="ranges">The hidden states to average.</param>
    /// <param name="last">The hidden state that is the last feature.</param>
    /// <param name="classTokens">Leading tokens that are no patches and are dropped from the features.</param>
    public VisionTransformer(
        WeightScope weights, VisionConfig config, IReadOnlyList<LayerRange> ranges, int last, int classTokens)
        : base(nameof(VisionTransformer))
    {
        _ranges = ranges;
        _last = last;
        _classTokens = classTokens;
        Func<Tensor, Tensor> activation = Activations.Find(config.Activation)!;
        WeightScope layers = weights.At("encoder.layers");
        int deepest = NewCollector().Deepest;
        for (int layer = 0; layer < deepest; layer++)
        {
            _layers.Add(new VisionLayer(layers.At(layer), config, activation));
        }

        for (int unused = deepest; unused < config.Layers; unused++)
        {
            layers.Ignore($"{unused}");
        }

        weights.Ignore("post_layernorm");
        RegisterComponents();
    }

    /// <summary>Layers that run.</summary>
    public int LayersRun => _layers.Count;

    /// <inheritdoc/>
    public override VisionFeatures forward(Tensor embedded)
    {
        using DisposeScope scope = NewDisposeScope();
        FeatureCollector features = NewCollector();
        features.Add(0, embedded);
        Tensor hidden = embedded;
        for (int state = 1; state <= _layers.Count; state++)
        {
            Tensor next = _layers[state - 1].call(hidden);
            if (state > 1)
            {
                hidden.Dispose();
            }

            hidden = next;
            features.Add(state, hidden);
        }

        VisionFeatures result = features.Finish();
        scope.MoveToOuter([result.Last, .. result.Means]);
        return result;
    }

    private FeatureCollector NewCollector() => new(_ranges, _last, _classTokens);
}
