using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector;

/// <summary>
/// Builds a model from the files of its checkpoint, after checking that they hold what the configuration describes.
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
    public ModelBuilder(ModelPlan plan, VisionWeights visionWeights, MemoryMap memoryMap = MemoryMap.Auto)
    {
        _plan = plan;
        _checkpoint = Checkpoint.Open(plan.Folder.Path, plan.BaseModel, memoryMap);
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

            _tower = visionWeights == VisionWeights.Separate || !inside
                ? Checkpoint.Open(plan.TowerFolder, memoryMap: memoryMap)
                : null;
            _auxiliary = MiniGemini.OpenTower(plan, _checkpoint, visionWeights, memoryMap);
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

    /// <summary>
    /// The number format a precision stands for, for weights stored as <see cref="StoredType"/> and kept as
    /// <paramref name="quantization"/> says.
    /// </summary>
    /// <exception cref="ArgumentException">Float16 is asked for on a CPU, where quantised models run too.</exception>
    public ScalarType Resolve(
        Precision precision, Device device, Quantization quantization = Quantization.None)
    {
        if (quantization != Quantization.None)
        {
            return ResolveQuantized(precision, quantization);
        }

        return precision switch
        {
            Precision.Float32 => ScalarType.Float32,
            Precision.Float16 => device.type == DeviceType.CPU
                ? throw new ArgumentException(
                    "Precision is Float16 and the device the CPU, where float16 is slow and less exact; use BFloat16 " +
                    "(half the memory of Float32) or Float32.")
                : ScalarType.Float16,
            Precision.BFloat16 => ScalarType.BFloat16,
            _ => StoredType switch
            {
                TensorType.BF16 => ScalarType.BFloat16,
                TensorType.F16 when device.type != DeviceType.CPU => ScalarType.Float16,
                _ => ScalarType.Float32,
            },
        };
    }

    /// <summary>The precision a number format is.</summary>
    public static Precision PrecisionOf(ScalarType type) => type switch
    {
        ScalarType.Float16 => Precision.Float16,
        ScalarType.BFloat16 => Precision.BFloat16,
        _ => Precision.Float32,
    };

    /// <summary>Whether the vision tower's weights come from a folder of their own.</summary>
    public bool HasSeparateTower => _tower is not null;

    /// <summary>
    /// All weights in use, under the names they have where one checkpoint holds them all; the builder owns their files.
    /// </summary>
    public WeightSource Weights => new JoinedWeights(_checkpoint, _tower, _auxiliary);

    /// <summary>The tensors of all weight files in use.</summary>
    public IEnumerable<TensorEntry> Tensors => _checkpoint.Tensors.Values
        .Concat(_tower?.Tensors.Values ?? [])
        .Concat(_auxiliary?.Tensors.Values ?? [])
        .Select(location => location.Entry);

    /// <summary>
    /// Bytes of weights that a load for the CPU uses where their files lie; known after <see cref="Check"/>.
    /// </summary>
    public long BytesMappable =>
        _checkpoint.BytesMappable + (_tower?.BytesMappable ?? 0) + (_auxiliary?.BytesMappable ?? 0);

    /// <summary>
    /// Builds the model on the meta device: no weight is read and no memory used, but every name and shape is checked.
    /// </summary>
    /// <exception cref="CheckpointException">Tensors are missing, mis-shaped or unexpected; all are listed.</exception>
    public ModelParts Check(ScalarType type, CancellationToken cancellation)
    {
        ModelParts parts = Assemble(new ComputeContext(type, META), _plan.Config.Quantization, cancellation);
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

    /// <summary>Builds the model, its weights mapped, or read once into their final place.</summary>
    /// <remarks>
    /// A pass without reading comes first, so that a checkpoint that does not fit costs no time. Mapped weights need
    /// no file to stay open: each keeps its part of the mapping, which goes with the last of them.
    /// </remarks>
    /// <exception cref="CheckpointException">Tensors are missing, mis-shaped or unexpected; all are listed.</exception>
    public ModelParts Build(
        ScalarType type,
        Device device,
        IProgress<LoadProgress>? progress,
        CancellationToken cancellation,
        Quantization quantization = Quantization.None)
    {
        Check(type, cancellation).Dispose();
        long total = _checkpoint.BytesAsked + (_tower?.BytesAsked ?? 0) + (_auxiliary?.BytesAsked ?? 0);
        Action report = () => progress?.Report(new LoadProgress(
            _checkpoint.BytesRead + (_tower?.BytesRead ?? 0) + (_auxiliary?.BytesRead ?? 0), total));
        _checkpoint.TensorRead = report;
        _tower?.TensorRead = report;
        _auxiliary?.TensorRead = report;
        ComputeContext compute = ComputeContext.Start(type, device);
        try
        {
            return Assemble(compute, quantization, cancellation);
        }
        catch
        {
            compute.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _checkpoint.Dispose();
        _tower?.Dispose();
        _auxiliary?.Dispose();
    }

    private static ScalarType ResolveQuantized(Precision precision, Quantization quantization) => precision switch
    {
        Precision.Float16 => throw new ArgumentException(
            $"The weights are in {quantization} and Precision is Float16; " +
            "a quantised model computes in BFloat16 or Float32."),
        Precision.Float32 => ScalarType.Float32,
        _ => ScalarType.BFloat16,
    };

    private ModelParts Assemble(
        ComputeContext compute, Quantization quantization, CancellationToken cancellation) =>
        new ModelAssembly(_plan, compute, quantization, cancellation).Assemble(_checkpoint, _tower, _auxiliary);
}
