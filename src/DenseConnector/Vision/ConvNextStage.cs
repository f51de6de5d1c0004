using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Vision;

/// <summary>
/// One stage of a ConvNeXt: every stage but the first halves height and width, then blocks follow,
/// <c>[batch, input, height, width]</c> → <c>[batch, channels, height / 2, width / 2]</c>.
/// </summary>
internal sealed class ConvNextStage : nn.Module<Tensor, Tensor>
{
    private readonly ConvNextDownsample? _downsample;
    private readonly TorchSharp.Modules.ModuleList<ConvNextBlock> _blocks = new();

    /// <summary>Reads one stage.</summary>
    /// <param name="weights">The scope of the stage.</param>
    /// <param name="input">
    /// Channels of the stage before, or <c>null</c> for the first stage, which keeps its size.
    /// </param>
    /// <param name="channels">Channels of this stage.</param>
    /// <param name="depth">Its blocks.</param>
    public ConvNextStage(WeightScope weights, long? input, long channels, int depth)
        : base(nameof(ConvNextStage))
    {
        _downsample = input is long before
            ? new ConvNextDownsample(weights.At("downsample"), before, channels)
            : null;
        WeightScope blocks = weights.At("blocks");
        for (int block = 0; block < depth; block++)
        {
            _blocks.Add(new ConvNextBlock(blocks.At(block), channels));
        }

        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = _downsample?.call(map) ?? map.alias();
        foreach (ConvNextBlock block in _blocks)
        {
            Tensor next = block.call(hidden);
            hidden.Dispose();
            hidden = next;
        }

        return hidden.MoveToOuterDisposeScope();
    }
}
