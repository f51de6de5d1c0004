namespace DenseConnector.Loading;

/// <summary>The prefixes under which checkpoints keep their parts; every prefix stands here once.</summary>
/// <remarks>
/// The modules ask for the names of the official LLaVA checkpoints; <see cref="Canonical"/> turns the names of other
/// layouts into these.
/// </remarks>
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

    /// <summary>What PEFT puts before the names of the model it wraps.</summary>
    private const string PeftPrefix = "base_model.model.";

    /// <summary>All that is not the output head in a LLaVA checkpoint.</summary>
    public const string Model = "model";

    /// <summary>All of the high-resolution tower in a Mini-Gemini checkpoint.</summary>
    public const string AuxiliaryInside = "model.vision_tower_aux";

    /// <summary>The ConvNeXt's stem in a Mini-Gemini checkpoint.</summary>
    public const string AuxiliaryStemInside = AuxiliaryInside + ".vision_stem";

    /// <summary>The ConvNeXt's stages in a Mini-Gemini checkpoint.</summary>
    public const string AuxiliaryStagesInside = AuxiliaryInside + ".vision_stages";

    /// <summary>The ConvNeXt's stem in a folder of OpenCLIP.</summary>
    public const string AuxiliaryStem = "visual.trunk.stem";

    /// <summary>The ConvNeXt's stages in a folder of OpenCLIP.</summary>
    public const string AuxiliaryStages = "visual.trunk.stages";

    /// <summary>What a folder of OpenCLIP holds beside stem and stages, all of it unused.</summary>
    public static IReadOnlyList<string> BesideAuxiliary { get; } =
    [
        "visual.trunk.norm_pre", "visual.trunk.head", "visual.head", "text", "transformer", "token_embedding",
        "positional_embedding", "ln_final", "attn_mask", "text_projection", "logit_scale", "logit_bias",
    ];

    /// <summary>What a tower's own folder holds beside the vision transformer, all of it unused.</summary>
    public static IReadOnlyList<string> BesideVisionModel { get; } =
        ["text_model", "text_projection", "visual_projection", "logit_scale", "logit_bias"];

    /// <summary>Prefixes of other layouts and what they are here; the first that fits counts.</summary>
    /// <remarks>No prefix on the left starts a name of the official layout, so that no layout has to be told.</remarks>
    private static (string Theirs, string Ours)[] Prefixes { get; } =
    [
        // transformers' LlavaForConditionalGeneration, as released ("llava-hf").
        ("language_model.model.", "model."),
        ("language_model.lm_head.", "lm_head."),
        ("vision_tower.vision_model.", VisionModelInside + "."),
        ("multi_modal_projector.linear_1.", Projector + ".0."),
        ("multi_modal_projector.linear_2.", Projector + ".2."),

        // The same class as newer versions (4.52 and later) save it.
        ("model.language_model.", "model."),
        ("model.vision_tower.vision_model.", VisionModelInside + "."),
        ("model.multi_modal_projector.linear_1.", Projector + ".0."),
        ("model.multi_modal_projector.linear_2.", Projector + ".2."),
    ];

    /// <summary>The name in the official layout of a tensor that a file calls <paramref name="name"/>.</summary>
    public static string Canonical(string name)
    {
        string bare = name.StartsWith(PeftPrefix, StringComparison.Ordinal) ? name[PeftPrefix.Length..] : name;
        (string theirs, string? ours) = Prefixes.FirstOrDefault(
            prefix => bare.StartsWith(prefix.Theirs, StringComparison.Ordinal));
        return ours is null ? bare : ours + bare[theirs.Length..];
    }
}
