using DenseConnector.Configuration;
using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Vision;

/// <summary>Full self-attention over a picture's patches (<c>CLIPAttention</c>); every projection has a bias.</summary>
internal sealed class VisionAttention : nn.Module<Tensor, Tensor>
{
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;
    private readonly long _heads;

    /// <summary>Reads the four projections.</summary>
    public VisionAttention(WeightScope weights, VisionConfig config)
        : base(nameof(VisionAttention))
    {
        long width = config.HiddenSize;
        _query = weights.Linear("q_proj", width, width, bias: true);
        _key = weights.Linear("k_proj", width, width, bias: true);
        _value = weights.Linear("v_proj", width, width, bias: true);
        _output = weights.Linear("out_proj", width, width, bias: true);
        _heads = config.Heads;
        RegisterComponents();
    }

    /// <summary><c>[batch, tokens, width]</c> → the same.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = nn.functional.scaled_dot_product_attention(
            Heads(_query.call(input)), Heads(_key.call(input)), Heads(_value.call(input)));
        return _output.call(attended.transpose(1, 2).reshape(input.shape)).MoveToOuterDisposeScope();
    }

    /// <summary><c>[batch, tokens, width]</c> → <c>[batch, heads, tokens, headSize]</c>.</summary>
    private Tensor Heads(Tensor projected) =>
        projected.view(projected.shape[0], projected.shape[1], _heads, -1).transpose(1, 2);
}
