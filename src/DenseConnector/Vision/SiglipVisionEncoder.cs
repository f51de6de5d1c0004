using DenseConnector.Configuration;
using DenseConnector.Connectors;
using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace DenseConnector.Vision;

/// <summary>
/// The vision tower of SigLIP (<c>SiglipVisionTransformer</c> of transformers): patches alone, no class token, no norm
/// before the first layer. The attention pooling head is not used.
/// </summary>
internal sealed class SiglipVisionEncoder : VisionEncoder
{
    private readonly PatchEmbedding _patches;
    private readonly Parameter _positions;
    private readonly VisionTransformer _transformer;

    /// <summary>Reads <c>vision_model.*</c> up to the deepest hidden state used.</summary>
    /// <param name="weights">The scope of <c>vision_model</c>.</param>
    /// <param name="config">The tower.</param>
    /// <param name="ranges">The hidden states to average.</param>
    /// <param name="last">The hidden state that is the last feature.</param>
    public SiglipVisionEncoder(WeightScope weights, VisionConfig config, IReadOnlyList<LayerRange> ranges, int last)
        : base(nameof(SiglipVisionEncoder), weights, config)
    {
        WeightScope embeddings = weights.At("embeddings");
        _patches = new PatchEmbedding(embeddings.At("patch_embedding"), config, bias: true);
        _positions = embeddings.At("position_embedding").Parameter("weight", Patches, Width);
        embeddings.Ignore("position_ids");
        _transformer = new VisionTransformer(weights, config, ranges, last, classTokens: 0);
        weights.Ignore("head");
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override int LayersRun => _transformer.LayersRun;

    /// <inheritdoc/>
    private protected override VisionFeatures Encode(Tensor pixels)
    {
        using DisposeScope scope = NewDisposeScope();
        VisionFeatures features = _transformer.call(_patches.call(pixels).AddInPlace(_positions));
        scope.MoveToOuter([features.Last, .. features.Means]);
        return features;
    }
}
