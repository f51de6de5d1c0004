using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace DenseConnector.Vision;

/// <summary>
/// The passage from one stage of a ConvNeXt to the next: normalises, then halves height and width,
/// <c>[batch, input, height, width]</c> → <c>[batch, output, height / 2, width / 2]</c>.
/// </summary>
internal sealed class ConvNextDownsample : nn.Module<Tensor, Tensor>
{
    private const int Step = 2;

    private readonly ChannelNorm _norm;
    private readonly Parameter _weight;
    private readonly Parameter _bias;

    /// <summary>Reads the norm (<c>0</c>) and the convolution (<c>1</c>).</summary>
    public ConvNextDownsample(WeightScope weights, long input, long output)
        : base(nameof(ConvNextDownsample))
    {
        _norm = new ChannelNorm(weights.At(0), input);
        WeightScope convolution = weights.At(1);
        _weight = convolution.Parameter("weight", output, input, Step, Step);
        _bias = convolution.Parameter("bias", output);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.conv2d(_norm.call(map), _weight, _bias, [Step, Step]).MoveToOuterDisposeScope();
    }
}
