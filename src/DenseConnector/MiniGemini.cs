using DenseConnector.Configuration;
using DenseConnector.Connectors;
using DenseConnector.Loading;
using DenseConnector.Vision;

namespace DenseConnector;

/// <summary>
/// What <see cref="ModelBuilder"/> adds for Mini-Gemini: a high-resolution tower beside the encoder and patch info
/// mining in front of the connector.
/// </summary>
/// <remarks>Used on the inference thread.</remarks>
internal static class MiniGemini
{
    /// <summary>
    /// Opens the high-resolution tower's own weight files, or gives <c>null</c> if the checkpoint's are taken or the
    /// model has no such tower.
    /// </summary>
    /// <remarks>
    /// The same rule as for the other tower, whatever <c>optimize_vision_tower_aux</c> says;
    /// <see cref="VisionWeights"/> has the reason.
    /// </remarks>
    /// <exception cref="CheckpointException">The weights are missing or damaged.</exception>
    /// <exception cref="ModelConfigException">The tower's folder is needed and not known.</exception>
    public static Checkpoint? OpenTower(
        ModelPlan plan, Checkpoint checkpoint, VisionWeights visionWeights, MemoryMap memoryMap)
    {
        if (plan.Auxiliary is not AuxiliaryPlan auxiliary)
        {
            return null;
        }

        bool inside = checkpoint.Tensors.Keys.Any(
            name => name.StartsWith(CheckpointNames.AuxiliaryInside + '.', StringComparison.Ordinal));
        if (visionWeights == VisionWeights.Checkpoint && !inside)
        {
            throw new CheckpointException(
                plan.Folder.Path,
                $"holds no weights of the high-resolution tower ('{CheckpointNames.AuxiliaryInside}.*'), " +
                "which VisionWeights asks for. Leave VisionWeights unset to take them from the tower's folder.");
        }

        return visionWeights != VisionWeights.Separate && inside
            ? null
            : Checkpoint.Open(TowerFolder(plan, auxiliary), memoryMap: memoryMap);
    }

    /// <summary>Reads the high-resolution tower and patch info mining and joins them with what is there.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="weights">The root of the checkpoint.</param>
    /// <param name="tower">
    /// The root of the tower's own files, or <c>null</c> if its weights lie in the checkpoint.
    /// </param>
    /// <param name="encoder">The vision transformer.</param>
    /// <param name="connector">The connector patch info mining stands in front of.</param>
    /// <returns>The encoder and the connector to use instead; they own what was passed in.</returns>
    /// <exception cref="CheckpointException">The tower's weights are no ConvNeXt's.</exception>
    /// <exception cref="ModelConfigException">The configuration says another width than the weights have.</exception>
    public static (VisionEncoder Encoder, Connector Connector) Extend(
        ModelPlan plan, WeightScope weights, WeightScope? tower, VisionEncoder encoder, Connector connector)
    {
        AuxiliaryPlan auxiliary = plan.Auxiliary!;
        WeightScope stem = tower?.At(CheckpointNames.AuxiliaryStem)
            ?? weights.At(CheckpointNames.AuxiliaryStemInside);
        WeightScope stages = tower?.At(CheckpointNames.AuxiliaryStages)
            ?? weights.At(CheckpointNames.AuxiliaryStagesInside);
        if (tower is not null)
        {
            weights.Ignore(CheckpointNames.AuxiliaryInside);
            foreach (string name in CheckpointNames.BesideAuxiliary)
            {
                tower.Ignore(name);
            }
        }

        ConvNextShape shape = ConvNextShape.Find(stages) ?? throw new CheckpointException(
            tower is null ? plan.Folder.Path : auxiliary.TowerFolder!,
            "the high-resolution tower's weights are no ConvNeXt of four stages " +
            $"('{(tower is null ? CheckpointNames.AuxiliaryStagesInside : CheckpointNames.AuxiliaryStages)}.*').");
        if (auxiliary.Config.Width is int said && said != shape.TotalWidth)
        {
            throw new ModelConfigException(
                Path.Combine(plan.Folder.Path, ConfigReader.FileName),
                $"'{AuxiliaryVisionConfig.WidthKey}' is {said}, but the tower's stages " +
                $"have {shape.TotalWidth} channels ({string.Join(" + ", shape.Widths)}).",
                AuxiliaryVisionConfig.WidthKey);
        }

        ConvNextEncoder high = new(stem, stages, shape);
        return (
            new DualVisionEncoder(weights, plan.Vision, encoder, high),
            new PatchInfoMining(weights.At(CheckpointNames.Model), connector, encoder.Width, high.Width));
    }

    private static string TowerFolder(ModelPlan plan, AuxiliaryPlan auxiliary) =>
        auxiliary.TowerFolder ?? throw new ModelConfigException(
            Path.Combine(plan.Folder.Path, ConfigReader.FileName),
            $"'{AuxiliaryVisionConfig.TowerKey}' names '{auxiliary.Config.Tower}', no folder inside the checkpoint. " +
            "Set ModelOptions.AuxiliaryVisionTower (--auxiliary-vision-tower) to the folder that holds the tower's " +
            $"{AuxiliaryVisionConfig.TowerFile}.",
            AuxiliaryVisionConfig.TowerKey);
}
