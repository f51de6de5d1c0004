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
    private readonly FullAttention _attention;

    /// <summary>Reads the four projections.</summary>
    public VisionAttention(WeightScope weights, VisionConfig config)
        : base(nameof(VisionAttention))
    {
        long width = config.HiddenSize;
        _query = weights.Linear("q_proj", width, width, bias: true);
        _key = weights.Linear("k_proj", width, width, bias: true);
        _value = weights.Linear("v_proj", width, width, bias: true);
        _output = weights.Linear("out_proj", width, width, bias: true);
        _attention = new FullAttention(weights.Compute, config.Heads);
        RegisterComponents();
    }

    /// <summary><c>[batch, tokens, width]</c> → the same.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = _attention.call(_query.call(input), _key.call(input), _value.call(input));
        return _output.call(attended).MoveToOuterDisposeScope();
    }
}
