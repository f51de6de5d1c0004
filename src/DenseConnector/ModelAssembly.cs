using DenseConnector.Configuration;
using DenseConnector.Connectors;
using DenseConnector.Decoders;
using DenseConnector.Loading;
using DenseConnector.Multimodal;
using DenseConnector.Vision;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector;

/// <summary>
/// The composition root: the one place that joins configuration, weights, encoder, connector, projector and decoder.
/// </summary>
/// <remarks>Used on the inference thread.</remarks>
internal sealed class ModelAssembly
{
    private readonly ModelPlan _plan;
    private readonly ComputeContext _compute;
    private readonly Quantization _quantization;
    private readonly CancellationToken _cancellation;

    /// <summary>Prepares to build a model.</summary>
    /// <param name="plan">What its configuration says.</param>
    /// <param name="compute">Where it computes; the model owns it when it is built.</param>
    /// <param name="quantization">The format of the language model's matrices.</param>
    /// <param name="cancellation">Ends the build between two weights.</param>
    public ModelAssembly(
        ModelPlan plan, ComputeContext compute, Quantization quantization, CancellationToken cancellation)
    {
        _plan = plan;
        _compute = compute;
        _quantization = quantization;
        _cancellation = cancellation;
    }

    /// <summary>Builds the model.</summary>
    /// <param name="model">The weights of the language model, the projector and what else the checkpoint holds.</param>
    /// <param name="tower">The vision tower's own weights, or <c>null</c> if the checkpoint's are taken.</param>
    /// <param name="auxiliary">
    /// The own weights of Mini-Gemini's high-resolution tower, or <c>null</c> if the checkpoint's are taken or the
    /// model has no such tower.
    /// </param>
    /// <exception cref="ModelConfigException">The parts do not fit each other.</exception>
    public ModelParts Assemble(WeightSource model, WeightSource? tower, WeightSource? auxiliary)
    {
        // Until the model is whole, its weights belong to this scope: a load that ends early leaves none behind.
        using DisposeScope scope = NewDisposeScope();
        WeightScope weights = At(model);
        Connector connector = ConnectorRegistry.Create(_plan.Config.Connector.Kind, _plan.Family.Layers)!;
        RequireLayers(connector);
        VisionEncoder encoder = _plan.Family.Create(
            VisionScope(weights, tower), _plan.Vision, connector.Ranges, _plan.LastState);
        if (_plan.Auxiliary is not null)
        {
            WeightScope? high = auxiliary is null ? null : At(auxiliary);
            (encoder, connector) = MiniGemini.Extend(_plan, weights, high, encoder, connector);
        }

        long width = connector.OutputWidth(encoder.Width);
        if (_plan.Config.Connector.ProjectorInput is int said && said != width)
        {
            throw new ModelConfigException(
                Path.Combine(_plan.Folder.Path, ConfigReader.FileName),
                $"'mm_hidden_size' is {said}, but connector '{_plan.Config.Connector.Kind}' gives {width}.",
                "mm_hidden_size");
        }

        DecoderConfig decoder = _plan.Config.Decoder;
        if (Projector.Depth(_plan.Config.Connector.Projector) == 0 && width != decoder.HiddenSize)
        {
            throw new ModelConfigException(
                Path.Combine(_plan.Folder.Path, ConfigReader.FileName),
                $"'mm_projector_type' is '{_plan.Config.Connector.Projector}', which keeps the width, but connector " +
                $"'{_plan.Config.Connector.Kind}' gives {width} and the language model reads {decoder.HiddenSize} " +
                "('hidden_size').",
                "mm_projector_type");
        }

        Projector projector = new(
            weights.At(CheckpointNames.Projector), _plan.Config.Connector.Projector, width, decoder.HiddenSize);
        VisualGeometry geometry = _plan.Geometry(connector.TokenCount(encoder.Patches));
        if (geometry.IsSpatial && geometry.TokensPerTile != geometry.PatchesPerSide * geometry.PatchesPerSide)
        {
            throw new ModelConfigException(
                Path.Combine(_plan.Folder.Path, ConfigReader.FileName),
                $"connector '{_plan.Config.Connector.Kind}' adds tokens to each tile, " +
                "which only 'mm_patch_merge_type' 'flat' can lay out.",
                "mm_patch_merge_type");
        }

        bool isQuantized = _plan.Config.Quantization != Quantization.None;
        VisualLayout layout = new(weights.At(CheckpointNames.Newline), geometry, decoder.HiddenSize);
        ModelParts parts = new(
            new VisualEmbedder(encoder, connector, projector, layout),
            DecoderRegistry.Create(weights.With(_quantization, isQuantized), decoder),
            _compute);
        scope.Detach(parts.Tensors);
        return parts;
    }

    private WeightScope At(WeightSource source) => new(source, _compute, _cancellation);

    private WeightScope VisionScope(WeightScope weights, WeightSource? tower)
    {
        if (tower is null)
        {
            return weights.At(CheckpointNames.VisionModelInside);
        }

        weights.Ignore(CheckpointNames.VisionInside);
        WeightScope separate = At(tower);
        foreach (string name in CheckpointNames.BesideVisionModel)
        {
            separate.Ignore(name);
        }

        return separate.At(CheckpointNames.VisionModel);
    }

    private void RequireLayers(Connector connector)
    {
        int deepest = connector.Ranges.Select(range => range.Last).DefaultIfEmpty(0).Max();
        if (deepest > _plan.Vision.Layers)
        {
            throw _plan.Vision.Json.Unsupported(
                "num_hidden_layers",
                $"{_plan.Vision.Layers}",
                $"towers of at least {deepest} layers with connector '{_plan.Config.Connector.Kind}', which uses " +
                $"hidden state {deepest}");
        }
    }
}
