using DenseConnector.Configuration;
using DenseConnector.Loading;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DenseConnector.Vision;

/// <summary>
/// Cuts a picture into square patches and embeds each by one linear map: <c>[batch, 3, size, size]</c> →
/// <c>[batch, patches, width]</c>, row by row.
/// </summary>
internal sealed class PatchEmbedding : nn.Module<Tensor, Tensor>
{
    private readonly Parameter _weight;
    private readonly Parameter? _bias;
    private readonly long[] _stride;

    /// <summary>Reads <c>weight [width, 3, patch, patch]</c> and, where there is one, <c>bias [width]</c>.</summary>
    public PatchEmbedding(WeightScope weights, VisionConfig config, bool bias)
        : base(nameof(PatchEmbedding))
    {
        _weight = weights.Parameter("weight", config.HiddenSize, 3, config.PatchSize, config.PatchSize);
        _bias = bias ? weights.Parameter("bias", config.HiddenSize) : null;
        _stride = [config.PatchSize, config.PatchSize];
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor pixels)
    {
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.conv2d(pixels, _weight, _bias, _stride) // [batch, width, rows, columns]
            .flatten(2)
            .transpose(1, 2)
            .MoveToOuterDisposeScope();
    }
}
