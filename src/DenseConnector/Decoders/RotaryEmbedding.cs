using DenseConnector.Configuration;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Decoders;

/// <summary>
/// Rotary position embedding (arXiv 2104.09864) as <c>LlamaRotaryEmbedding</c> of transformers applies it: the first
/// channels of each head are rotated in pairs (i, i + width/2) by an angle that grows with the position.
/// </summary>
/// <remarks>The tables <c>[positions, width]</c> are computed in float32 and kept in the model's type.</remarks>
internal sealed class RotaryEmbedding : nn.Module<Tensor, int, Tensor>
{
    private readonly Tensor _cosine;
    private readonly Tensor _sine;
    private readonly long _width;

    /// <summary>Makes the tables for all positions a model was made for.</summary>
    /// <param name="config">The decoder; <c>rope_theta</c> and <c>rope_scaling</c> decide the frequencies.</param>
    /// <param name="width">Channels of each head that are rotated; the others pass unchanged (Phi).</param>
    /// <param name="type">The type the model computes in.</param>
    /// <param name="device">The device the model runs on.</param>
    /// <exception cref="ModelConfigException"><c>rope_scaling</c> asks for what is not supported.</exception>
    public RotaryEmbedding(DecoderConfig config, int width, ScalarType type, Device device)
        : base(nameof(RotaryEmbedding))
    {
        _width = width;
        using DisposeScope scope = NewDisposeScope();
        Tensor exponents = arange(0, width, 2, ScalarType.Float32, CPU) / width;
        Tensor frequencies = pow(full_like(exponents, config.RopeTheta), exponents).reciprocal_();
        Tensor positions = arange(0, config.MaxPositions, 1, ScalarType.Float32, CPU);
        if (RopeScaling.Read(config) is RopeScaling scaling)
        {
            frequencies = tensor(
                scaling.Scale(frequencies.data<float>().ToArray()), [frequencies.shape[0]], ScalarType.Float32, CPU);
            positions = positions / scaling.PositionDivisor;
        }

        Tensor angles = outer(positions, frequencies);
        Tensor table = cat([angles, angles], -1);
        _cosine = table.cos().to(type, device).DetachFromDisposeScope();
        _sine = table.sin().to(type, device).DetachFromDisposeScope();
        RegisterComponents();
    }

    /// <summary>
    /// Rotates heads <c>[1, heads, tokens, headSize]</c> whose first token stands at <paramref name="position"/>.
    /// </summary>
    public override Tensor forward(Tensor heads, int position)
    {
        using DisposeScope scope = NewDisposeScope();
        long tokens = heads.shape[2];
        long rest = heads.shape[3] - _width;
        Tensor turning = rest == 0 ? heads : heads.narrow(-1, 0, _width);
        Tensor low = turning.narrow(-1, 0, _width / 2);
        Tensor high = turning.narrow(-1, _width / 2, _width / 2);
        Tensor turned = cat([-high, low], -1).mul_(_sine.narrow(0, position, tokens));
        Tensor rotated = (turning * _cosine.narrow(0, position, tokens)).add_(turned);
        Tensor result = rest == 0 ? rotated : cat([rotated, heads.narrow(-1, _width, rest)], -1);
        return result.MoveToOuterDisposeScope();
    }
}
