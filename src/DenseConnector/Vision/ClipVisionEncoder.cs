using DenseConnector.Configuration;
using DenseConnector.Connectors;
using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace DenseConnector.Vision;

/// <summary>
/// The vision tower of CLIP (<c>CLIPVisionTransformer</c> of transformers): a class token before the patches, a norm
/// before the first layer. The class token is dropped from the features.
/// </summary>
internal sealed class ClipVisionEncoder : VisionEncoder
{
    private readonly Parameter _classToken;
    private readonly PatchEmbedding _patches;
    private readonly Parameter _positions;
    private readonly LayerNorm _inputNorm;
    private readonly TorchSharp.Modules.ModuleList<VisionLayer> _layers = new();
    private readonly IReadOnlyList<LayerRange> _ranges;
    private readonly int _last;

    /// <summary>Reads <c>vision_model.*</c> up to the deepest hidden state used.</summary>
    /// <param name="weights">The scope of <c>vision_model</c>.</param>
    /// <param name="config">The tower.</param>
    /// <param name="ranges">The hidden states to average.</param>
    /// <param name="last">The hidden state that is the last feature.</param>
    public ClipVisionEncoder(WeightScope weights, VisionConfig config, IReadOnlyList<LayerRange> ranges, int last)
        : base(nameof(ClipVisionEncoder))
    {
        Type = weights.Type;
        Device = weights.Device;
        Patches = config.Patches;
        Width = config.HiddenSize;
        _ranges = ranges;
        _last = last;
        Func<Tensor, Tensor> activation = Activations.Find(config.Activation)!;

        WeightScope embeddings = weights.At("embeddings");
        _classToken = embeddings.Parameter("class_embedding", Width);
        _patches = new PatchEmbedding(embeddings.At("patch_embedding"), config, bias: false);
        _positions = embeddings.At("position_embedding").Parameter("weight", Patches + 1, Width);
        embeddings.Ignore("position_ids");

        // The misspelling is the checkpoint's.
        _inputNorm = weights.LayerNorm("pre_layrnorm", Width, config.NormEpsilon);
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

    /// <inheritdoc/>
    public override int Patches { get; }

    /// <inheritdoc/>
    public override int LayersRun => _layers.Count;

    /// <inheritdoc/>
    public override long Width { get; }

    /// <inheritdoc/>
    public override ScalarType Type { get; }

    /// <inheritdoc/>
    public override Device Device { get; }

    /// <inheritdoc/>
    public override VisionFeatures forward(Tensor pixels)
    {
        using DisposeScope scope = NewDisposeScope();
        FeatureCollector features = NewCollector();
        Tensor classToken = _classToken.expand(pixels.shape[0], 1, Width);
        Tensor hidden = _inputNorm.call(cat([classToken, _patches.call(pixels)], 1).add_(_positions));
        features.Add(0, hidden);
        int state = 0;
        foreach (VisionLayer layer in _layers)
        {
            Tensor next = layer.call(hidden);
            hidden.Dispose();
            hidden = next;
            features.Add(++state, hidden);
        }

        VisionFeatures result = features.Finish();
        scope.MoveToOuter([result.Last, .. result.Means]);
        return result;
    }

    private FeatureCollector NewCollector() => new(_ranges, _last, classTokens: 1);
}
