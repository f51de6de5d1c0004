using DenseConnector.Loading;

namespace DenseConnector.Vision;

/// <summary>How wide and how deep the stages of a ConvNeXt are, as its weights say.</summary>
/// <remarks>
/// The weights are the source because a checkpoint that carries them names the architecture nowhere: Large has
/// 192, 384, 768, 1536 channels in 3, 3, 27, 3 blocks.
/// </remarks>
/// <param name="Widths">Channels of each stage.</param>
/// <param name="Depths">Blocks of each stage.</param>
internal sealed record ConvNextShape(IReadOnlyList<long> Widths, IReadOnlyList<int> Depths)
{
    private const int Stages = 4;

    /// <summary>Channels of all stages together: those of the joined map.</summary>
    public long TotalWidth => Widths.Sum();

    /// <summary>
    /// Reads the shape from the weights under <paramref name="stages"/>, or gives <c>null</c> if they are no
    /// ConvNeXt's.
    /// </summary>
    public static ConvNextShape? Find(WeightScope stages)
    {
        List<long> widths = [];
        List<int> depths = [];
        for (int stage = 0; stage < Stages; stage++)
        {
            WeightScope blocks = stages.At(stage).At("blocks");
            if (blocks.At(0).ShapeOf(ConvNextBlock.LayerScale) is not [long width])
            {
                return null;
            }

            int depth = 1;
            while (blocks.At(depth).Any())
            {
                depth++;
            }

            widths.Add(width);
            depths.Add(depth);
        }

        return new ConvNextShape(widths, depths);
    }
}
