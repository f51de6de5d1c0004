using DenseConnector.Configuration;
using DenseConnector.Decoders;
using DenseConnector.Loading;
using DenseConnector.Tests.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Decoders;

/// <summary>Small Llama decoders with random weights, under the names transformers gives them.</summary>
internal static class TinyLlama
{
    /// <summary>Two layers of width 32, four query heads.</summary>
    public static DecoderConfig Config(int keyValueHeads = 2) => new()
    {
        ModelType = "llama",
        VocabularySize = 50,
        HiddenSize = 32,
        IntermediateSize = 48,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = keyValueHeads,
        HeadSize = 8,
        NormEpsilon = 1e-6,
        RopeTheta = 10000,
        MaxPositions = 64,
        QueryKeyValueBias = false,
        OutputBias = false,
        TieWordEmbeddings = false,
        Json = ConfigJson.Parse("config.json", "{}"u8.ToArray()),
    };

    /// <summary>Random weights for a configuration; the same every time.</summary>
    public static Dictionary<string, WeightFile.Weight> Weights(DecoderConfig config)
    {
        Random random = new(11);
        Dictionary<string, WeightFile.Weight> weights = [];
        Add("model.embed_tokens.weight", config.VocabularySize, config.HiddenSize);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            Add(prefix + "input_layernorm.weight", config.HiddenSize);
            Add(prefix + "post_attention_layernorm.weight", config.HiddenSize);
            AddAttention(prefix + "self_attn.q_proj", config.Heads * config.HeadSize, config.HiddenSize);
            AddAttention(prefix + "self_attn.k_proj", config.KeyValueHeads * config.HeadSize, config.HiddenSize);
            AddAttention(prefix + "self_attn.v_proj", config.KeyValueHeads * config.HeadSize, config.HiddenSize);
            AddAttention(prefix + "self_attn.o_proj", config.HiddenSize, config.Heads * config.HeadSize);
            Add(prefix + "mlp.gate_proj.weight", config.IntermediateSize, config.HiddenSize);
            Add(prefix + "mlp.up_proj.weight", config.IntermediateSize, config.HiddenSize);
            Add(prefix + "mlp.down_proj.weight", config.HiddenSize, config.IntermediateSize);
        }

        Add("model.norm.weight", config.HiddenSize);
        if (!config.TieWordEmbeddings)
        {
            Add("lm_head.weight", config.VocabularySize, config.HiddenSize);
        }

        return weights;

        void Add(string name, params long[] shape) => weights.Add(name, WeightFile.Weight.Random(random, 0.7f, shape));

        void AddAttention(string name, long output, long input)
        {
            Add(name + ".weight", output, input);
            if (name.EndsWith("o_proj", StringComparison.Ordinal) ? config.OutputBias : config.QueryKeyValueBias)
            {
                Add(name + ".bias", output);
            }
        }
    }

    /// <summary>
    /// The decoder of these weights; none may be missing or left over. Its tensors belong to the test's scope.
    /// </summary>
    public static LlamaDecoder Build(DecoderConfig config, IEnumerable<KeyValuePair<string, WeightFile.Weight>> weights)
    {
        using WeightFolder folder = new(new WeightFile().Add(weights));
        LlamaDecoder decoder = new(new WeightScope(folder.Checkpoint, ScalarType.Float32, CPU), config);
        folder.Checkpoint.ThrowIfIncomplete();
        return decoder;
    }

    /// <summary>Some embeddings <c>[tokens, hidden]</c>.</summary>
    public static Tensor Input(int tokens) =>
        arange(tokens * 32, ScalarType.Float32).mul_(0.731).sin_().view(tokens, 32);
}
