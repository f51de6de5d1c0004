using DenseConnector.Configuration;
using DenseConnector.Vision;

namespace DenseConnector;

/// <summary>What is known of Mini-Gemini's high-resolution tower before a weight is read.</summary>
/// <param name="Config">What the checkpoint's configuration says of it.</param>
/// <param name="TowerFolder">
/// The tower's own folder, or <c>null</c> if it is not on this machine: then its weights must lie in the checkpoint.
/// </param>
internal sealed record AuxiliaryPlan(AuxiliaryVisionConfig Config, string? TowerFolder)
{
    /// <summary>Finds and checks the tower, or gives <c>null</c> if the model has none.</summary>
    /// <exception cref="ModelConfigException">A configuration asks for what is not supported.</exception>
    /// <exception cref="CheckpointException">The options name a folder that does not exist.</exception>
    public static AuxiliaryPlan? Read(
        ModelFolder folder, ModelConfig config, VisionConfig vision, ModelOptions options)
    {
        string configFile = Path.Combine(folder.Path, ConfigReader.FileName);
        if (config.AuxiliaryVision is not AuxiliaryVisionConfig auxiliary)
        {
            return options.AuxiliaryVisionTower is null ? null : throw new ModelConfigException(
                configFile,
                $"'{AuxiliaryVisionConfig.TowerKey}' is missing: the model has no high-resolution tower. " +
                "Leave ModelOptions.AuxiliaryVisionTower (--auxiliary-vision-tower) unset.",
                AuxiliaryVisionConfig.TowerKey);
        }

        if (config.ImageLayout == ImageLayout.AnyRes)
        {
            throw new ModelConfigException(
                configFile,
                "'image_aspect_ratio' is 'anyres', supported with a high-resolution tower are 'square' and 'pad'.",
                "image_aspect_ratio");
        }

        // Every patch of the transformer needs as many cells of the ConvNeXt's first stage along each side.
        int step = ConvNextStem.PatchSize * vision.PatchesPerSide;
        if (auxiliary.ImageSize % step != 0)
        {
            throw new ModelConfigException(
                configFile,
                $"'{AuxiliaryVisionConfig.ImageSizeKey}' is {auxiliary.ImageSize}, supported are multiples of " +
                $"{step}: {ConvNextStem.PatchSize} pixels for each of the vision tower's {vision.PatchesPerSide} " +
                "patches.",
                AuxiliaryVisionConfig.ImageSizeKey);
        }

        string? tower = FindTower(folder, auxiliary, options);
        if (tower is not null)
        {
            AuxiliaryVisionConfig.RequireConvNext(tower);
        }

        return new AuxiliaryPlan(auxiliary, tower);
    }

    private static string? FindTower(ModelFolder folder, AuxiliaryVisionConfig auxiliary, ModelOptions options)
    {
        if (options.AuxiliaryVisionTower is string named)
        {
            return Directory.Exists(named)
                ? named
                : throw new CheckpointException(
                    named, "is no folder; AuxiliaryVisionTower names the high-resolution tower's folder.");
        }

        return ModelPlan.FindInside(folder.Path, auxiliary.Tower);
    }
}
