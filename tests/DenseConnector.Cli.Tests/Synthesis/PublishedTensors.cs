namespace DenseConnector.Cli.Tests.Synthesis;

/// <summary>
/// The tensors of the published full-size models, written down from the modules of transformers, timm and the official
/// code, not from what the library asks for. <see cref="FullSizeTests"/> checks the lists against the numbers of
/// parameters their authors publish.
/// </summary>
internal static class PublishedTensors
{
    /// <summary>A tensor: its name and its shape.</summary>
    public readonly record struct Published(string Name, params long[] Shape);

    /// <summary>A Llama-like language model (<c>LlamaForCausalLM</c>).</summary>
    public static IEnumerable<Published> Llama(
        long width, long feedForward, int layers, long heads, long keyValueHeads, long vocabulary)
    {
        long keyWidth = width / heads * keyValueHeads;
        yield return new("model.embed_tokens.weight", vocabulary, width);
        for (int layer = 0; layer < layers; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            yield return new(prefix + "self_attn.q_proj.weight", width, width);
            yield return new(prefix + "self_attn.k_proj.weight", keyWidth, width);
            yield return new(prefix + "self_attn.v_proj.weight", keyWidth, width);
            yield return new(prefix + "self_attn.o_proj.weight", width, width);
            yield return new(prefix + "mlp.gate_proj.weight", feedForward, width);
            yield return new(prefix + "mlp.up_proj.weight", feedForward, width);
            yield return new(prefix + "mlp.down_proj.weight", width, feedForward);
            yield return new(prefix + "input_layernorm.weight", width);
            yield return new(prefix + "post_attention_layernorm.weight", width);
        }

        yield return new("model.norm.weight", width);
        yield return new("lm_head.weight", vocabulary, width);
    }

    /// <summary>Phi-2 (<c>PhiForCausalLM</c>).</summary>
    public static IEnumerable<Published> Phi(long width, long feedForward, int layers, long vocabulary)
    {
        yield return new("model.embed_tokens.weight", vocabulary, width);
        for (int layer = 0; layer < layers; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            IEnumerable<Published> tensors =
            [
                .. Linear(prefix + "self_attn.q_proj", width, width),
                .. Linear(prefix + "self_attn.k_proj", width, width),
                .. Linear(prefix + "self_attn.v_proj", width, width),
                .. Linear(prefix + "self_attn.dense", width, width),
                .. Linear(prefix + "mlp.fc1", feedForward, width),
                .. Linear(prefix + "mlp.fc2", width, feedForward),
                .. Norm(prefix + "input_layernorm", width),
            ];
            foreach (Published tensor in tensors)
            {
                yield return tensor;
            }
        }

        foreach (Published tensor in Norm("model.final_layernorm", width).Concat(Linear("lm_head", vocabulary, width)))
        {
            yield return tensor;
        }
    }

    /// <summary>CLIP ViT-L/14-336's vision model (<c>CLIPVisionModel</c>).</summary>
    public static IEnumerable<Published> Clip() =>
    [
        new("vision_model.embeddings.class_embedding", 1024),
        new("vision_model.embeddings.patch_embedding.weight", 1024, 3, 14, 14),
        new("vision_model.embeddings.position_embedding.weight", 577, 1024),
        .. Norm("vision_model.pre_layrnorm", 1024),
        .. Enumerable.Range(0, 24).SelectMany(layer => VisionLayer(layer, 1024, 4096)),
        .. Norm("vision_model.post_layernorm", 1024),
    ];

    /// <summary>SigLIP so400m/14-384's vision model (<c>SiglipVisionModel</c>).</summary>
    public static IEnumerable<Published> Siglip() =>
    [
        .. SiglipTrunk(27),
        new("vision_model.head.probe", 1, 1, 1152),
        new("vision_model.head.attention.in_proj_weight", 3 * 1152, 1152),
        new("vision_model.head.attention.in_proj_bias", 3 * 1152),
        .. Linear("vision_model.head.attention.out_proj", 1152, 1152),
        .. Norm("vision_model.head.layernorm", 1152),
        .. Linear("vision_model.head.mlp.fc1", 4304, 1152),
        .. Linear("vision_model.head.mlp.fc2", 1152, 4304),
    ];

    /// <summary>
    /// SigLIP as the official code keeps it (<c>siglip_encoder.py</c>: the last layer is deleted, the head too).
    /// </summary>
    public static IEnumerable<Published> SiglipTrunk(int layers) =>
    [
        new("vision_model.embeddings.patch_embedding.weight", 1152, 3, 14, 14),
        new("vision_model.embeddings.patch_embedding.bias", 1152),
        new("vision_model.embeddings.position_embedding.weight", 729, 1152),
        .. Enumerable.Range(0, layers).SelectMany(layer => VisionLayer(layer, 1152, 4304)),
        .. Norm("vision_model.post_layernorm", 1152),
    ];

    /// <summary>What a whole CLIP or SigLIP holds beside its vision model; short, as none of it is read.</summary>
    public static IEnumerable<Published> TextTower() =>
    [
        new("text_model.embeddings.token_embedding.weight", 49408, 768),
        new("text_model.final_layer_norm.weight", 768),
        new("text_projection.weight", 768, 768),
        new("visual_projection.weight", 768, 1024),
        new("logit_scale"),
    ];

    /// <summary>Stem and stages of OpenCLIP's ConvNeXt Large (timm's <c>convnext_large</c>).</summary>
    public static IEnumerable<Published> ConvNext()
    {
        (long Width, int Depth)[] stages = [(192, 3), (384, 3), (768, 27), (1536, 3)];
        yield return new("visual.trunk.stem.0.weight", 192, 3, 4, 4);
        yield return new("visual.trunk.stem.0.bias", 192);
        yield return new("visual.trunk.stem.1.weight", 192);
        yield return new("visual.trunk.stem.1.bias", 192);
        for (int stage = 0; stage < stages.Length; stage++)
        {
            long width = stages[stage].Width;
            string prefix = $"visual.trunk.stages.{stage}.";
            if (stage > 0)
            {
                long before = stages[stage - 1].Width;
                yield return new(prefix + "downsample.0.weight", before);
                yield return new(prefix + "downsample.0.bias", before);
                yield return new(prefix + "downsample.1.weight", width, before, 2, 2);
                yield return new(prefix + "downsample.1.bias", width);
            }

            for (int block = 0; block < stages[stage].Depth; block++)
            {
                string inside = $"{prefix}blocks.{block}.";
                yield return new(inside + "gamma", width);
                yield return new(inside + "conv_dw.weight", width, 1, 7, 7);
                yield return new(inside + "conv_dw.bias", width);
                yield return new(inside + "norm.weight", width);
                yield return new(inside + "norm.bias", width);
                yield return new(inside + "mlp.fc1.weight", 4 * width, width);
                yield return new(inside + "mlp.fc1.bias", 4 * width);
                yield return new(inside + "mlp.fc2.weight", width, 4 * width);
                yield return new(inside + "mlp.fc2.bias", width);
            }
        }
    }

    /// <summary>What an OpenCLIP checkpoint holds beside stem and stages; none of it is read.</summary>
    public static IEnumerable<Published> ConvNextRest() =>
    [
        .. Norm("visual.trunk.head.norm", 1536),
        .. Linear("visual.head.mlp.fc1", 1536, 1536),
        new("visual.head.mlp.fc2.weight", 768, 1536),
        new("positional_embedding", 77, 768),
        new("text_projection", 768, 768),
        new("logit_scale"),
        new("token_embedding.weight", 49408, 768),
        new("transformer.resblocks.0.attn.in_proj_weight", 3 * 768, 768),
        .. Norm("ln_final", 768),
    ];

    /// <summary>Mini-Gemini's patch info mining between CLIP (1024) and ConvNeXt (2880 channels).</summary>
    public static IEnumerable<Published> Mining() =>
    [
        .. Norm("model.vlm_uni_query_projector.0", 1024), .. Linear("model.vlm_uni_query_projector.1", 1024, 1024),
        .. Norm("model.vlm_uni_aux_projector.0", 2880), .. Linear("model.vlm_uni_aux_projector.1", 1024, 2880),
        .. Norm("model.vlm_uni_val_projector.0", 2880), .. Linear("model.vlm_uni_val_projector.1", 1024, 2880),
    ];

    /// <summary>The two-layer projector.</summary>
    public static IEnumerable<Published> Projector(long input, long output) =>
        [.. Linear("model.mm_projector.0", output, input), .. Linear("model.mm_projector.2", output, output)];

    private static IEnumerable<Published> VisionLayer(int layer, long width, long feedForward)
    {
        string prefix = $"vision_model.encoder.layers.{layer}.";
        return
        [
            .. Linear(prefix + "self_attn.k_proj", width, width),
            .. Linear(prefix + "self_attn.v_proj", width, width),
            .. Linear(prefix + "self_attn.q_proj", width, width),
            .. Linear(prefix + "self_attn.out_proj", width, width),
            .. Norm(prefix + "layer_norm1", width),
            .. Linear(prefix + "mlp.fc1", feedForward, width),
            .. Linear(prefix + "mlp.fc2", width, feedForward),
            .. Norm(prefix + "layer_norm2", width),
        ];
    }

    private static IEnumerable<Published> Linear(string name, long output, long input) =>
        [new(name + ".weight", output, input), new(name + ".bias", output)];

    private static IEnumerable<Published> Norm(string name, long width) =>
        [new(name + ".weight", width), new(name + ".bias", width)];
}
