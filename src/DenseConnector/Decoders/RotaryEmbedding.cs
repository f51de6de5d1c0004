using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Decoders;

/// <summary>
/// Rotary position embedding (arXiv 2104.09864) as <c>LlamaRotaryEmbedding</c> of transformers applies it: each head is
/// rotated in pairs (i, i + headSize/2) by an angle that grows with the position.
/// </summary>
internal sealed class RotaryEmbedding : nn.Module<Tensor, int, Tensor>
{
    private readonly Tensor _cosine;
    private readonly Tensor _sine;
    private readonly long _half;

    /// <summary>
    /// Makes the tables <c>[positions, headSize]</c>, computed in float32 and kept in the model's type.
    /// </summary>
    public RotaryEmbedding(int headSize, double theta, int positions, ScalarType type, Device device)
        : base(nameof(RotaryEmbedding))
    {
        _half = headSize / 2;
        using DisposeScope scope = NewDisposeScope();
        Tensor exponents = arange(0, headSize, 2, ScalarType.Float32, device) / headSize;
        Tensor frequencies = pow(full_like(exponents, theta), exponents).reciprocal_();
        Tensor angles = outer(arange(0, positions, 1, ScalarType.Float32, device), frequencies);
        Tensor table = cat([angles, angles], -1);
        _cosine = table.cos().to(type).MoveToOuterDisposeScope();
        _sine = table.sin().to(type).MoveToOuterDisposeScope();
        RegisterComponents();
    }

    /// <summary>
    /// Rotates heads <c>[1, heads, tokens, headSize]</c> whose first token stands at <paramref name="position"/>.
    /// </summary>
    public override Tensor forward(Tensor heads, int position)
    {
        using DisposeScope scope = NewDisposeScope();
        long tokens = heads.shape[2];
        Tensor low = heads.narrow(-1, 0, _half);
        Tensor high = heads.narrow(-1, _half, _half);
        Tensor turned = cat([-high, low], -1).mul_(_sine.narrow(0, position, tokens));
        return (heads * _cosine.narrow(0, position, tokens)).add_(turned).MoveToOuterDisposeScope();
    }
}
