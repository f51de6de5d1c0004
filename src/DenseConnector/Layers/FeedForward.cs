using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>
/// The plain feed-forward block of vision transformers (<c>CLIPMLP</c>): <c>fc2(activation(fc1(x)))</c>.
/// </summary>
internal sealed class FeedForward : nn.Module<Tensor, Tensor>
{
    private readonly Linear _first;
    private readonly Linear _second;
    private readonly Func<Tensor, Tensor> _activation;

    /// <summary>Reads the two projections, both with biases.</summary>
    public FeedForward(WeightScope weights, long hidden, long intermediate, Func<Tensor, Tensor> activation)
        : base(nameof(FeedForward))
    {
        _first = weights.Linear("fc1", hidden, intermediate, bias: true);
        _second = weights.Linear("fc2", intermediate, hidden, bias: true);
        _activation = activation;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return _second.call(_activation(_first.call(input))).MoveToOuterDisposeScope();
    }
}
