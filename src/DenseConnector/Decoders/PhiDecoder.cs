using DenseConnector.Configuration;
using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Decoders;

/// <summary>Phi-2 (<c>PhiForCausalLM</c> of transformers).</summary>
internal sealed class PhiDecoder : Decoder
{
    private readonly Embedding _embedding;
    private readonly TorchSharp.Modules.ModuleList<PhiLayer> _layers = new();
    private readonly LayerNorm _norm;
    private readonly Linear _head;

    /// <summary>Reads <c>model.*</c> and <c>lm_head</c> of a checkpoint.</summary>
    public PhiDecoder(WeightScope weights, DecoderConfig config)
        : base(nameof(PhiDecoder), weights, config)
    {
        double epsilon = config.Json.Double("layer_norm_eps", 1e-5);
        double rotated = config.Json.Double("partial_rotary_factor", 0.5);
        WeightScope model = weights.At("model");
        _embedding = model.Embedding("embed_tokens", config.VocabularySize, config.HiddenSize);
        RotaryEmbedding rotary = new(config, (int)(rotated * config.HeadSize), Type, Device);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            _layers.Add(new PhiLayer(model.At("layers").At(layer), config, epsilon, rotary, layer));
        }

        _norm = model.LayerNorm("final_layernorm", config.HiddenSize, epsilon);
        _head = weights.Head(config.HiddenSize, config.VocabularySize, bias: true);
        RegisterComponents();
    }

    /// <inheritdoc/>
    private protected override Tensor LookUp(Tensor ids) => _embedding.call(ids);

    /// <inheritdoc/>
    public override Tensor Score(Tensor hidden) => _head.call(hidden);

    /// <inheritdoc/>
    private protected override Tensor Decode(Tensor embeddings, DecoderBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = RunLayers(_layers, embeddings, batch);
        return _norm.call(hidden).MoveToOuterDisposeScope();
    }
}
