using DenseConnector.Configuration;
using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Decoders;

/// <summary>
/// The Llama family (<c>LlamaForCausalLM</c> of transformers): Vicuna, Llama 2 and 3, Yi, Mistral, Qwen 2.
/// </summary>
internal sealed class LlamaDecoder : Decoder
{
    private readonly Embedding _embedding;
    private readonly TorchSharp.Modules.ModuleList<LlamaLayer> _layers = new();
    private readonly RmsNorm _norm;
    private readonly Linear? _head;

    /// <summary>Reads <c>model.*</c> and <c>lm_head</c> of a checkpoint.</summary>
    /// <exception cref="ModelConfigException">The configuration asks for another activation.</exception>
    public LlamaDecoder(WeightScope weights, DecoderConfig config)
        : base(nameof(LlamaDecoder), weights, config)
    {
        if (config.Json.String("hidden_act") is string activation && activation != "silu")
        {
            throw config.Json.Unsupported("hidden_act", $"'{activation}'", "'silu'");
        }

        WeightScope model = weights.At("model");
        _embedding = model.Embedding("embed_tokens", config.VocabularySize, config.HiddenSize);
        RotaryEmbedding rotary = new(config, config.HeadSize, Type, Device);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            _layers.Add(new LlamaLayer(model.At("layers").At(layer), config, rotary, layer));
        }

        _norm = model.RmsNorm("norm", config.HiddenSize, config.NormEpsilon);
        if (config.TieWordEmbeddings)
        {
            // Some files hold the tied weight a second time.
            weights.Ignore("lm_head");
        }
        else
        {
            _head = weights.Head(config.HiddenSize, config.VocabularySize, bias: false);
        }

        RegisterComponents();
    }

    /// <inheritdoc/>
    private protected override Tensor LookUp(Tensor ids) => _embedding.call(ids);

    /// <inheritdoc/>
    public override Tensor Score(Tensor hidden) => _head?.call(hidden) ?? _embedding.Score(hidden);

    /// <inheritdoc/>
    private protected override Tensor Decode(Tensor embeddings, DecoderBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = RunLayers(_layers, embeddings, batch);
        return _norm.call(hidden).MoveToOuterDisposeScope();
    }
}
