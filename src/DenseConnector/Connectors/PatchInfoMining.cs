using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Connectors;

/// <summary>
/// Patch info mining of Mini-Gemini (arXiv 2403.18814; <c>unified_resampler</c> of its <c>mgm_arch.py</c>) in front of
/// another connector: each patch token asks the part of a high-resolution map that shows the same place.
/// </summary>
/// <remarks>
/// The answer is added to the last feature and the inner connector goes on with the sum; the other hidden states pass
/// unchanged. For Dense Channel Integration this order is derived, not official: no published code shows it.
/// </remarks>
internal sealed class PatchInfoMining : Connector
{
    private readonly Connector _inner;
    private readonly NormedLinear _query;
    private readonly NormedLinear _key;
    private readonly NormedLinear _value;
    private readonly DeviceGuard _guard;

    /// <summary>Reads the three projections.</summary>
    /// <param name="weights">The scope of <c>model</c>.</param>
    /// <param name="inner">The connector that goes on with the sum; disposed with this module.</param>
    /// <param name="width">Channels of a patch token.</param>
    /// <param name="detailWidth">Channels of the map.</param>
    public PatchInfoMining(WeightScope weights, Connector inner, long width, long detailWidth)
        : base(nameof(PatchInfoMining), inner.Ranges)
    {
        _inner = inner;
        _guard = new DeviceGuard(nameof(PatchInfoMining), weights.Device, weights.Type);
        _query = new NormedLinear(weights.At("vlm_uni_query_projector"), width, width);
        _key = new NormedLinear(weights.At("vlm_uni_aux_projector"), detailWidth, width);
        _value = new NormedLinear(weights.At("vlm_uni_val_projector"), detailWidth, width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override long OutputWidth(long encoderWidth) => _inner.OutputWidth(encoderWidth);

    /// <inheritdoc/>
    public override int TokenCount(int patches) => _inner.TokenCount(patches);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// The features have no <see cref="VisionFeatures.Detail"/>, or do not fit the weights.
    /// </exception>
    private protected override Tensor Join(VisionFeatures features)
    {
        if (features.Detail is not Tensor detail)
        {
            throw new ArgumentException("Patch info mining needs a high-resolution map.", nameof(features));
        }

        _guard.Require(features.Last, "features");
        _guard.Require(detail, "values of the high-resolution map");
        using DisposeScope scope = NewDisposeScope();
        Tensor refined = Mine(features.Last, detail).AddInPlace(features.Last);
        return _inner.call(features with { Last = refined }).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What the tokens <c>[batch, patches, width]</c> find in the map <c>[batch, channels, side, side]</c>: one answer
    /// each, <c>[batch, patches, width]</c>.
    /// </summary>
    /// <remarks>Patches form a square; the map's side is a multiple of theirs.</remarks>
    internal Tensor Mine(Tensor tokens, Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = tokens.shape[0];
        long patches = tokens.shape[1];
        long width = tokens.shape[2];
        Tensor cells = Cells(map, (long)Math.Sqrt(patches)); // [batch · patches, cells, channels]
        Tensor query = _query.call(tokens).reshape(batch * patches, 1, width);
        Tensor keys = _key.call(cells).DivideInPlace(Math.Sqrt(width)); // [batch · patches, cells, width]
        Tensor scores = query.bmm(keys.transpose(1, 2)); // [batch · patches, 1, cells]

        // Half precision may overflow here; the reference caps it instead of giving NaN.
        Tensor weights = nn.functional.softmax(scores.nan_to_num_(), -1);
        return weights.bmm(_value.call(cells)) // [batch · patches, 1, width]
            .reshape(batch, patches, width)
            .MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Cuts a map into <c>perSide × perSide</c> squares: <c>[batch, channels, side, side]</c> →
    /// <c>[batch · perSide², (side / perSide)², channels]</c>, both row by row.
    /// </summary>
    private static Tensor Cells(Tensor map, long perSide)
    {
        long batch = map.shape[0];
        long channels = map.shape[1];
        long square = map.shape[3] / perSide;
        return map.reshape(batch, channels, perSide, square, perSide, square)
            .permute(0, 2, 4, 3, 5, 1) // [batch, row, column, row inside, column inside, channels]
            .reshape(batch * perSide * perSide, square * square, channels);
    }
}
