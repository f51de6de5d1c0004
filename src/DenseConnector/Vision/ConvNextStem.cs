using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace DenseConnector.Vision;

/// <summary>
/// The entry of a ConvNeXt: cuts the picture into patches of 4 pixels, then normalises,
/// <c>[batch, 3, height, width]</c> → <c>[batch, channels, height / 4, width / 4]</c>.
/// </summary>
internal sealed class ConvNextStem : nn.Module<Tensor, Tensor>
{
    /// <summary>Pixels along one side of a patch.</summary>
    public const int PatchSize = 4;

    private readonly Parameter _weight;
    private readonly Parameter _bias;
    private readonly ChannelNorm _norm;

    /// <summary>Reads the convolution (<c>0</c>) and the norm (<c>1</c>).</summary>
    public ConvNextStem(WeightScope weights, long channels)
        : base(nameof(ConvNextStem))
    {
        WeightScope convolution = weights.At(0);
        _weight = convolution.Parameter("weight", channels, 3, PatchSize, PatchSize);
        _bias = convolution.Parameter("bias", channels);
        _norm = new ChannelNorm(weights.At(1), channels);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor pixels)
    {
        using DisposeScope scope = NewDisposeScope();
        return _norm.call(nn.functional.conv2d(pixels, _weight, _bias, [PatchSize, PatchSize]))
            .MoveToOuterDisposeScope();
    }
}
