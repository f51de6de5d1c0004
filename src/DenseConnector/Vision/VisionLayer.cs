using DenseConnector.Configuration;
using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Vision;

/// <summary>
/// One transformer layer of CLIP and SigLIP (<c>CLIPEncoderLayer</c>): full attention and feed-forward, each behind a
/// norm and added to the stream.
/// </summary>
internal sealed class VisionLayer : nn.Module<Tensor, Tensor>
{
    private readonly LayerNorm _attentionNorm;
    private readonly VisionAttention _attention;
    private readonly LayerNorm _feedForwardNorm;
    private readonly FeedForward _feedForward;

    /// <summary>Reads one layer.</summary>
    public VisionLayer(WeightScope weights, VisionConfig config, Func<Tensor, Tensor> activation)
        : base(nameof(VisionLayer))
    {
        _attentionNorm = weights.LayerNorm("layer_norm1", config.HiddenSize, config.NormEpsilon);
        _attention = new VisionAttention(weights.At("self_attn"), config);
        _feedForwardNorm = weights.LayerNorm("layer_norm2", config.HiddenSize, config.NormEpsilon);
        _feedForward = new FeedForward(weights.At("mlp"), config.HiddenSize, config.IntermediateSize, activation);
        RegisterComponents();
    }

    /// <summary><c>[batch, tokens, width]</c> → the same.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = _attention.call(_attentionNorm.call(input)).AddInPlace(input);
        return _feedForward.call(_feedForwardNorm.call(attended)).AddInPlace(attended).MoveToOuterDisposeScope();
    }
}
