using DenseConnector.Configuration;
using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Decoders;

/// <summary>
/// One Phi layer (<c>PhiDecoderLayer</c>): one norm, behind it attention and feed-forward side by side, both added to
/// the stream.
/// </summary>
internal sealed class PhiLayer : nn.Module<Tensor, DecoderBatch, Tensor>
{
    private readonly LayerNorm _norm;
    private readonly CausalAttention _attention;
    private readonly FeedForward _feedForward;
    private readonly ResidualSum _sum;

    /// <summary>Reads layer <paramref name="layer"/>.</summary>
    /// <exception cref="ModelConfigException">
    /// The activation is not known, or norms inside attention are asked for.
    /// </exception>
    public PhiLayer(WeightScope weights, DecoderConfig config, double epsilon, RotaryEmbedding rotary, int layer)
        : base(nameof(PhiLayer))
    {
        string activation = config.Json.String("hidden_act") ?? "gelu_new";
        Func<Tensor, Tensor> apply = Activations.Find(activation) ??
            throw config.Json.Unsupported("hidden_act", $"'{activation}'", Activations.Names);
        if (config.Json.Bool("qk_layernorm", false))
        {
            throw config.Json.Unsupported("qk_layernorm", "true", "false");
        }

        DecoderConfig biased = config with { QueryKeyValueBias = true, OutputBias = true };
        _norm = weights.LayerNorm("input_layernorm", config.HiddenSize, epsilon);
        _attention = new CausalAttention(weights.At("self_attn"), biased, rotary, layer, outputName: "dense");
        _feedForward = new FeedForward(weights.At("mlp"), config.HiddenSize, config.IntermediateSize, apply);
        _sum = new ResidualSum(weights.Compute);
        RegisterComponents();
    }

    /// <summary><c>[tokens, hidden]</c> → the same.</summary>
    public override Tensor forward(Tensor input, DecoderBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor normalized = _norm.call(input);
        Tensor attended = _attention.call(normalized, batch);
        return _sum.call(_sum.call(attended, _feedForward.call(normalized)), input).MoveToOuterDisposeScope();
    }
}
