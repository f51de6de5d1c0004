using DenseConnector.Configuration;
using DenseConnector.Kernels;
using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Decoders;

/// <summary>
/// Rotary position embedding (arXiv 2104.09864) as <c>LlamaRotaryEmbedding</c> of transformers applies it: the first
/// channels of each head are rotated in pairs (i, i + width/2) by an angle that grows with the position.
/// </summary>
/// <remarks>
/// The tables <c>[positions, width]</c> are computed in float32 and kept in the model's type. They are made for the
/// positions the model was trained for and grow when a text goes beyond, as the reference's do.
/// </remarks>
internal sealed class RotaryEmbedding : nn.Module<Tensor, int, Tensor>
{
    private readonly float[] _frequencies;
    private readonly double _positionDivisor;
    private readonly int _width;
    private readonly ScalarType _type;
    private readonly Device _device;
    private Tensor _cosine;
    private Tensor _sine;

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
        _type = type;
        _device = device;
        using (NewDisposeScope())
        {
            Tensor exponents = HeldScalars.Count(width, 2).DivideInPlace(width);
            Tensor frequencies = pow(exponents.Filled(config.RopeTheta), exponents).reciprocal_();
            _frequencies = frequencies.data<float>().ToArray();
        }

        RopeScaling? scaling = RopeScaling.Read(config);
        _frequencies = scaling?.Scale(_frequencies) ?? _frequencies;
        _positionDivisor = scaling?.PositionDivisor ?? 1;
        (_cosine, _sine) = MakeTables(config.MaxPositions);
        RegisterComponents();
    }

    /// <summary>Bytes of the tables for all positions a model was made for, every channel of a head rotated.</summary>
    public static long CountBytes(DecoderConfig config, ScalarType type) =>
        2L * config.MaxPositions * config.HeadSize * type.ElementSize();

    /// <summary>
    /// Rotates heads <c>[rows, heads, tokens, headSize]</c> whose first token stands at <paramref name="position"/>.
    /// </summary>
    public override Tensor forward(Tensor heads, int position)
    {
        using DisposeScope scope = NewDisposeScope();
        long tokens = heads.shape[2];
        RequirePositions(position + tokens);
        long rest = heads.shape[3] - _width;
        Tensor turning = rest == 0 ? heads : heads.narrow(-1, 0, _width);
        Tensor low = turning.narrow(-1, 0, _width / 2);
        Tensor high = turning.narrow(-1, _width / 2, _width / 2);
        Tensor turned = cat([-high, low], -1).mul_(_sine.narrow(0, position, tokens));
        Tensor rotated = (turning * _cosine.narrow(0, position, tokens)).AddInPlace(turned);
        Tensor result = rest == 0 ? rotated : cat([rotated, heads.narrow(-1, _width, rest)], -1);
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Rotates in place rows of <c>heads · headSize</c> on the CPU, each of one token at a position of its own.
    /// </summary>
    public void Turn(WorkerTeam team, RowBlock heads, int headSize, int[] positions)
    {
        RequirePositions(positions.Max() + 1);
        RowOperations.Rotate(
            team, heads, headSize, TensorRows.Of(_cosine), TensorRows.Of(_sine), _width, positions);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            FreeTables();
        }

        base.Dispose(disposing);
    }

    private void RequirePositions(long positions)
    {
        if (positions > _cosine.size(0))
        {
            Grow(2 * positions);
        }
    }

    private (Tensor Cosine, Tensor Sine) MakeTables(long positions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor scaled = HeldScalars.Count(positions).DivideInPlace(_positionDivisor);
        Tensor angles = outer(scaled, tensor(_frequencies, [_frequencies.Length], ScalarType.Float32, CPU));
        Tensor table = cat([angles, angles], -1);
        Tensor cosine = table.cos().to(_type, _device).MoveToOuterDisposeScope();
        return (cosine, table.sin().to(_type, _device).MoveToOuterDisposeScope());
    }

    /// <summary>Replaces the tables by longer ones, which outlive the scope of the step that asks for them.</summary>
    private void Grow(long positions)
    {
        FreeTables();
        (_cosine, _sine) = MakeTables(positions);
        _cosine.DetachFromDisposeScope();
        _sine.DetachFromDisposeScope();
    }

    private void FreeTables()
    {
        _cosine.Dispose();
        _sine.Dispose();
    }
}
