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
    private readonly VisionTransformer _transformer;

    /// <summary>Reads <c>vision_model.*</c> up to the deepest hidden state used.</summary>
    /// <param name="weights">The scope of <c>vision_model</c>.</param>
    /// <param name="config">The tower.</param>
    /// <param name="ranges">The hidden states to average.</param>
    /// <param name="last">The hidden state that is the last feature.</param>
    public ClipVisionEncoder(WeightScope weights, VisionConfig config, IReadOnlyList<LayerRange> ranges, int last)
        : base(nameof(ClipVisionEncoder), weights, config)
    {
        WeightScope embeddings = weights.At("embeddings");
        _classToken = embeddings.Parameter("class_embedding", Width);
        _patches = new PatchEmbedding(embeddings.At("patch_embedding"), config, bias: false);
        _positions = embeddings.At("position_embedding").Parameter("weight", Patches + 1, Width);
        embeddings.Ignore("position_ids");

        // The misspelling is the checkpoint's.
        _inputNorm = weights.LayerNorm("pre_layrnorm", Width, config.NormEpsilon);
        _transformer = new VisionTransformer(weights, config, ranges, last, classTokens: 1);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override int LayersRun => _transformer.LayersRun;

    /// <inheritdoc/>
    private protected override VisionFeatures Encode(Tensor pixels)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor classToken = _classToken.expand(pixels.shape[0], 1, Width);
        Tensor embedded = cat([classToken, _patches.call(pixels)], 1).AddInPlace(_positions);
        VisionFeatures features = _transformer.call(_inputNorm.call(embedded));
        scope.MoveToOuter([features.Last, .. features.Means]);
        return features;
    }
}
