using DenseConnector.Configuration;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Tests.Vision;

/// <summary>Random weights of a small CLIP vision transformer under the names transformers gives them.</summary>
internal static class TinyClip
{
    public static IReadOnlyDictionary<string, WeightFile.Weight> Weights(VisionConfig config)
    {
        Random random = new(7);
        int width = config.HiddenSize;
        Dictionary<string, WeightFile.Weight> weights = [];
        Add("embeddings.class_embedding", width);
        Add("embeddings.patch_embedding.weight", width, 3, config.PatchSize, config.PatchSize);
        Add("embeddings.position_embedding.weight", config.Patches + 1, width);
        AddBoth("pre_layrnorm", width);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string prefix = $"encoder.layers.{layer}.";
            AddBoth(prefix + "layer_norm1", width);
            AddBoth(prefix + "layer_norm2", width);
            foreach (string name in new[] { "q_proj", "k_proj", "v_proj", "out_proj" })
            {
                AddBoth($"{prefix}self_attn.{name}", width, width);
            }

            AddBoth(prefix + "mlp.fc1", config.IntermediateSize, width);
            AddBoth(prefix + "mlp.fc2", width, config.IntermediateSize);
        }

        AddBoth("post_layernorm", width);
        return weights;

        void Add(string name, params long[] shape) => weights.Add(name, WeightFile.Weight.Random(random, 0.6f, shape));

        void AddBoth(string name, params long[] shape)
        {
            Add(name + ".weight", shape);
            Add(name + ".bias", shape[0]);
        }
    }
}
