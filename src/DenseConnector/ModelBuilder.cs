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
/// The composition root: the one place that joins configuration, checkpoint, encoder, connector, projector and decoder.
/// </summary>
/// <remarks>Used on the inference thread.</remarks>
internal sealed class ModelBuilder : IDisposable
{
    private readonly ModelPlan _plan;
    private readonly Checkpoint _checkpoint;
    private readonly Checkpoint? _tower;
    private readonly Checkpoint? _auxiliary;

    /// <summary>Opens the weight files; no weight is read.</summary>
    /// <exception cref="CheckpointException">Weights are missing or damaged.</exception>
    public ModelBuilder(ModelPlan plan, VisionWeights visionWeights)
    {
        _plan = plan;
        _checkpoint = Checkpoint.Open(plan.Folder.Path, plan.BaseModel);
        try
        {
            bool inside = _checkpoint.Tensors.Keys.Any(
                name => name.StartsWith(CheckpointNames.VisionModelInside, StringComparison.Ordinal));
            if (visionWeights == VisionWeights.Checkpoint && !inside)
            {
                throw new CheckpointException(
                    plan.Folder.Path,
                    $"holds no vision weights ('{CheckpointNames.VisionModelInside}.*'), " +
                    "which VisionWeights asks for. Leave VisionWeights unset to take them from the tower's folder.");
            }

            _tower = visionWeights == VisionWeights.Separate || !inside ? Checkpoint.Open(plan.TowerFolder) : null;
            _auxiliary = MiniGemini.OpenTower(plan, _checkpoint, visionWeights);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The type the language model's weights are stored in: the one most of their bytes have.</summary>
    public TensorType StoredType => _checkpoint.Tensors.Values
        .GroupBy(location => location.Entry.Type)
        .MaxBy(group => group.Sum(location => location.Entry.ByteLength))?.Key ?? TensorType.F32;

    /// <summary>The number format a precision stands for, for weights stored as <see cref="StoredType"/>.</summary>
    public ScalarType Resolve(Precision precision, Device device) => precision switch
    {
        Precision.Float32 => ScalarType.Float32,
        Precision.Float16 => ScalarType.Float16,
        Precision.BFloat16 => ScalarType.BFloat16,
        _ => StoredType switch
        {
            TensorType.BF16 => ScalarType.BFloat16,
            TensorType.F16 when device.type != DeviceType.CPU => ScalarType.Float16,
            _ => ScalarType.Float32,
        },
    };

    /// <summary>Whether the vision tower's weights come from a folder of their own.</summary>
    public bool HasSeparateTower => _tower is not null;

    /// <summary>The tensors of all weight files in use.</summary>
    public IEnumerable<TensorEntry> Tensors => _checkpoint.Tensors.Values
        .Concat(_tower?.Tensors.Values ?? [])
        .Concat(_auxiliary?.Tensors.Values ?? [])
        .Select(location => location.Entry);

    /// <summary>
    /// Builds the model on the meta device: no weight is read and no memory used, but every name and shape is checked.
    /// </summary>
    /// <exception cref="CheckpointException">Tensors are missing, mis-shaped or unexpected; all are listed.</exception>
    public ModelParts Check(ScalarType type, CancellationToken cancellation)
    {
        ModelParts parts = Assemble(type, META, cancellation);
        try
        {
            _checkpoint.ThrowIfIncomplete();
            _tower?.ThrowIfIncomplete();
            _auxiliary?.ThrowIfIncomplete();
            return parts;
        }
        catch
        {
            parts.Dispose();
            throw;
        }
    }

    /// <summary>Builds the model, its weights read once into their final place.</summary>
    /// <remarks>A pass without reading comes first, so that a checkpoint that does not fit costs no time.</remarks>
    /// <exception cref="CheckpointException">Tensors are missing, mis-shaped or unexpected; all are listed.</exception>
    public ModelParts Build(
        ScalarType type, Device device, IProgress<LoadProgress>? progress, CancellationToken cancellation)
    {
        Check(type, cancellation).Dispose();
        long total = _checkpoint.BytesAsked + (_tower?.BytesAsked ?? 0) + (_auxiliary?.BytesAsked ?? 0);
        Action report = () => progress?.Report(new LoadProgress(
            _checkpoint.BytesRead + (_tower?.BytesRead ?? 0) + (_auxiliary?.BytesRead ?? 0), total));
        _checkpoint.TensorRead = report;
        _tower?.TensorRead = report;
        _auxiliary?.TensorRead = report;
        return Assemble(type, device, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _checkpoint.Dispose();
        _tower?.Dispose();
        _auxiliary?.Dispose();
    }

    private ModelParts Assemble(ScalarType type, Device device, CancellationToken cancellation)
    {
        // Until the model is whole, its weights belong to this scope: a load that ends early leaves none behind.
        using DisposeScope scope = NewDisposeScope();
        WeightScope weights = new(_checkpoint, type, device, cancellation);
        Connector connector = ConnectorRegistry.Create(_plan.Config.Connector.Kind, _plan.Family.Layers)!;
        RequireLayers(connector);
        VisionEncoder encoder = _plan.Family.Create(
            VisionScope(weights, type, device, cancellation), _plan.Vision, connector.Ranges, _plan.LastState);
        if (_plan.Auxiliary is not null)
        {
            WeightScope? tower = _auxiliary is null ? null : new(_auxiliary, type, device, cancellation);
            (encoder, connector) = MiniGemini.Extend(_plan, weights, tower, encoder, connector);
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

        VisualLayout layout = new(weights.At(CheckpointNames.Newline), geometry, decoder.HiddenSize);
        ModelParts parts = new(
            new VisualEmbedder(encoder, connector, projector, layout), DecoderRegistry.Create(weights, decoder));
        scope.Detach(parts.Tensors);
        return parts;
    }

    private WeightScope VisionScope(WeightScope weights, ScalarType type, Device device, CancellationToken cancellation)
    {
        if (_tower is null)
        {
            return weights.At(CheckpointNames.VisionModelInside);
        }

        weights.Ignore(CheckpointNames.VisionInside);
        WeightScope tower = new(_tower, type, device, cancellation);
        foreach (string name in CheckpointNames.BesideVisionModel)
        {
            tower.Ignore(name);
        }

        return tower.At(CheckpointNames.VisionModel);
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
