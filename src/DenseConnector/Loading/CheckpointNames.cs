namespace DenseConnector.Loading;

/// <summary>The prefixes under which checkpoints keep their parts; every prefix stands here once.</summary>
internal static class CheckpointNames
{
    /// <summary>The projector in a LLaVA checkpoint.</summary>
    public const string Projector = "model.mm_projector";

    /// <summary>Where a LLaVA checkpoint keeps the embedding that ends a row of visual tokens.</summary>
    public const string Newline = "model";

    /// <summary>All of the vision side in a LLaVA checkpoint.</summary>
    public const string VisionInside = "model.vision_tower";

    /// <summary>The vision transformer in a LLaVA checkpoint.</summary>
    public const string VisionModelInside = "model.vision_tower.vision_tower.vision_model";

    /// <summary>The vision transformer in a tower's own folder.</summary>
    public const string VisionModel = "vision_model";

    /// <summary>What a tower's own folder holds beside the vision transformer, all of it unused.</summary>
    public static IReadOnlyList<string> BesideVisionModel { get; } =
        ["text_model", "text_projection", "visual_projection", "logit_scale", "logit_bias"];
}
