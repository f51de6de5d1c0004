using DenseConnector.Configuration;
using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Decoders;

/// <summary>
/// One Llama layer (<c>LlamaDecoderLayer</c>): attention and feed-forward, each behind a norm and added to the stream.
/// </summary>
internal sealed class LlamaLayer : nn.Module<Tensor, DecoderBatch, Tensor>
{
    private readonly RmsNorm _attentionNorm;
    private readonly CausalAttention _attention;
    private readonly RmsNorm _feedForwardNorm;
    private readonly GatedMlp _feedForward;
    private readonly ResidualSum _sum;

    /// <summary>Reads layer <paramref name="layer"/>.</summary>
    public LlamaLayer(WeightScope weights, DecoderConfig config, RotaryEmbedding rotary, int layer)
        : base(nameof(LlamaLayer))
    {
        _attentionNorm = weights.RmsNorm("input_layernorm", config.HiddenSize, config.NormEpsilon);
        _attention = new CausalAttention(weights.At("self_attn"), config, rotary, layer);
        _feedForwardNorm = weights.RmsNorm("post_attention_layernorm", config.HiddenSize, config.NormEpsilon);
        _feedForward = new GatedMlp(weights.At("mlp"), config.HiddenSize, config.IntermediateSize);
        _sum = new ResidualSum(weights.Compute);

        // Old conversions stored the rotary frequencies, which follow from the configuration.
        weights.Ignore("self_attn.rotary_emb");
        RegisterComponents();
    }

    /// <summary><c>[tokens, hidden]</c> → the same.</summary>
    public override Tensor forward(Tensor input, DecoderBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = _sum.call(_attention.call(_attentionNorm.call(input), batch), input);
        return _sum.call(_feedForward.call(_feedForwardNorm.call(attended)), attended).MoveToOuterDisposeScope();
    }
}
