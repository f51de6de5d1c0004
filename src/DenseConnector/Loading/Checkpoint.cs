using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Loading;

/// <summary>
/// The tensors of one checkpoint by the names the model asks for, whatever the form it is stored in: reads them, and
/// keeps account of what was asked for, what was missing or mis-shaped, and what nobody asked for, so that a load ends
/// with one error that lists everything.
/// </summary>
/// <remarks>
/// <para>
/// The forms: a folder with all weights; or a language model's folder and one that adds to it, a projector
/// (<c>mm_projector</c>) or a LoRA adapter with the weights that were trained beside it (<c>adapter_model</c>,
/// <c>non_lora_trainables</c>). What is added replaces what has the same name, as in the official loader.
/// </para>
/// <para>Used by one thread. Disposing closes the files; tensors already read stay.</para>
/// </remarks>
internal sealed class Checkpoint : WeightSource, IDisposable
{
    private const int ListedProblems = 12;

    private const int StagingElements = 4 << 20;
    private const string ProjectorFile = "mm_projector";
    private const string BesideAdapterFile = "non_lora_trainables";

    private readonly MemoryMap _memoryMap;
    private readonly List<CheckpointFiles> _files = [];
    private readonly Dictionary<TensorFile, bool> _isLocal = [];
    private readonly Dictionary<string, TensorLocation> _tensors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<string> _ignored = [];
    private readonly List<string> _missing = [];
    private readonly List<string> _misshaped = [];
    private LoraAdapter? _adapter;
    private Tensor? _staging;
    private Tensor? _sum;

    private Checkpoint(string folder, MemoryMap memoryMap)
    {
        Folder = folder;
        _memoryMap = memoryMap;
    }

    /// <summary>The checkpoint's folder as the user named it.</summary>
    public string Folder { get; }

    /// <summary>
    /// Every tensor of the checkpoint by the name the model asks for; an adapter's own are not among them.
    /// </summary>
    public IReadOnlyDictionary<string, TensorLocation> Tensors => _tensors;

    /// <summary>
    /// Stored bytes of all tensors asked for so far that are there, with those of the adapter that change them.
    /// </summary>
    public long BytesAsked => _asked.Where(_tensors.ContainsKey).Sum(StoredBytes);

    /// <summary>Stored bytes read so far, an adapter's included.</summary>
    public long BytesRead { get; private set; }

    /// <summary>
    /// Stored bytes of the tensors checked on the meta device that a load for the CPU uses where their file lies.
    /// </summary>
    public long BytesMappable { get; private set; }

    /// <summary>
    /// The most that reading takes beside the weights, up to float32 ones in another type than the model's.
    /// </summary>
    /// <param name="largest">Elements of the largest tensor.</param>
    public static long StagingBytes(long largest) => sizeof(float) * Math.Min(StagingElements, largest);

    /// <summary>Called after each tensor is read.</summary>
    public Action? TensorRead { get; set; }

    /// <summary>Opens the weight files of a checkpoint and validates their headers; no weight is read.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="baseModel">
    /// The folder of the language model that <paramref name="folder"/> adds a projector or a LoRA adapter to;
    /// <c>null</c> if the folder holds all weights.
    /// </param>
    /// <param name="memoryMap">Whether weights that stay as they are stored are used where their file lies.</param>
    /// <exception cref="CheckpointException">
    /// No weights are there, a file is damaged, or the folders are not of the form they are opened as.
    /// </exception>
    /// <exception cref="ModelConfigException">The adapter is no plain LoRA adapter.</exception>
    public static Checkpoint Open(
        string folder, string? baseModel = null, MemoryMap memoryMap = MemoryMap.Never)
    {
        Checkpoint checkpoint = new(folder, memoryMap);
        try
        {
            if (baseModel is null)
            {
                RequireWhole(folder);
                checkpoint.Add(CheckpointFiles.Open(folder));
            }
            else
            {
                checkpoint.Add(CheckpointFiles.Open(baseModel));
                checkpoint.AddOnTop();
            }

            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A weight that stays as it is stored lies over the mapped file where that is asked for and possible, and is not
    /// read at all. For the others a load peaks at their size and a little: a weight is read into its final place,
    /// through a small staging tensor where its type or device differs; the sum of an adapted one is made in float32,
    /// in its final place or in one tensor beside it.
    /// On the meta device nothing is read: only name and shape are checked. A missing or mis-shaped tensor is noted for
    /// <see cref="ThrowIfIncomplete"/> and a meta tensor of the expected shape stands in for it.
    /// </remarks>
    public override Tensor Read(
        string name, ReadOnlySpan<long> shape, ScalarType type, Device device, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _asked.Add(name);
        if (!_tensors.TryGetValue(name, out TensorLocation location))
        {
            _missing.Add($"'{name}' [{string.Join(", ", shape.ToArray())}]");
            return empty(shape, type, META);
        }

        if (!shape.SequenceEqual(location.Entry.Shape.ToArray()))
        {
            _misshaped.Add($"'{name}' has shape [{string.Join(", ", location.Entry.Shape)}], " +
                $"expected [{string.Join(", ", shape.ToArray())}]");
            return empty(shape, type, META);
        }

        bool adapted = _adapter?.Pairs.ContainsKey(name) == true;
        if (adapted && !shape.SequenceEqual(_adapter!.Pairs[name].Shape.ToArray()))
        {
            _misshaped.Add($"the adapter's product for '{name}' has shape " +
                $"[{string.Join(", ", _adapter.Pairs[name].Shape)}], expected [{string.Join(", ", shape.ToArray())}]");
            return empty(shape, type, META);
        }

        ScalarType stored = TensorReading.StoredType(location, type);
        bool mappable = !adapted && type == stored && MappedFile.CanHold(location.Entry) && Maps(location.File);
        if (device.type == DeviceType.META)
        {
            BytesMappable += mappable ? location.Entry.ByteLength : 0;
            return empty(shape, type, device);
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor? mapped =
            mappable && device.type == DeviceType.CPU ? TensorReading.TryMap(location, stored) : null;
        Tensor weight = mapped ?? HugePages.Empty(shape, type, device);
        if (mapped is not null)
        {
            // Nothing to read: the system brings the bytes in when they are used.
        }
        else if (adapted)
        {
            bool inPlace = type == ScalarType.Float32 && device.type == DeviceType.CPU;
            Tensor sum = inPlace ? weight : RoomForSum(shape);
            Fill(sum, location, stored, cancellation);
            _adapter!.AddTo(sum, name, cancellation);
            if (!inPlace)
            {
                weight.copy_(sum);
            }
        }
        else
        {
            Fill(weight, location, stored, cancellation);
        }

        BytesRead += StoredBytes(name);
        TensorRead?.Invoke();
        return weight.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void Ignore(string prefix) => _ignored.Add(prefix);

    /// <inheritdoc/>
    public override IReadOnlyList<long>? ShapeOf(string name) =>
        _tensors.TryGetValue(name, out TensorLocation location) ? location.Entry.Shape : null;

    /// <inheritdoc/>
    public override bool Any(string prefix) =>
        _tensors.Keys.Any(name => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>
    /// Ends a pass over the whole model: one error lists the missing, mis-shaped and unexpected tensors.
    /// </summary>
    /// <exception cref="CheckpointException">
    /// At least one tensor is missing, has another shape, or was never asked for.
    /// </exception>
    public void ThrowIfIncomplete()
    {
        List<string> unexpected = [.. _tensors
            .Where(item => !_asked.Contains(item.Key) && !_ignored.Any(prefix => IsUnder(item.Key, prefix)))
            .Select(item => QuotedName.Of(item.Value.Entry.Name))
            .Order(StringComparer.Ordinal)];
        List<string> adaptsNothing = [.. (_adapter?.Pairs ?? new Dictionary<string, LoraPair>())
            .Where(item => !_asked.Contains(item.Key))
            .SelectMany(item => new[] { item.Value.Down.Entry.Name, item.Value.Up.Entry.Name })
            .Select(QuotedName.Of)
            .Order(StringComparer.Ordinal)];
        List<string> problems = [];
        AddProblems(problems, "missing", _missing);
        AddProblems(problems, "of another shape", _misshaped);
        AddProblems(problems, "not expected by this model", unexpected);
        AddProblems(problems, "of the adapter for weights this model does not have", adaptsNothing);
        if (problems.Count > 0)
        {
            throw new CheckpointException(
                Folder, $"the weights do not fit the model that config.json describes. {string.Join(" ", problems)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _staging?.Dispose();
        _sum?.Dispose();
        _files.ForEach(files => files.Dispose());
        _adapter?.Dispose();
    }

    private bool Maps(TensorFile file)
    {
        if (_memoryMap != MemoryMap.Auto)
        {
            return _memoryMap == MemoryMap.Always;
        }

        if (!_isLocal.TryGetValue(file, out bool isLocal))
        {
            isLocal = MappedFile.IsLocal(file.Path);
            _isLocal.Add(file, isLocal);
        }

        return isLocal;
    }

    private void Fill(Tensor weight, TensorLocation location, ScalarType stored, CancellationToken cancellation)
    {
        if (weight.dtype == stored && weight.device_type == DeviceType.CPU)
        {
            TensorReading.ReadInto(weight, location, cancellation);
        }
        else
        {
            ReadConverted(weight, location, stored, cancellation);
        }
    }

    /// <summary>Room in float32, kept from weight to weight for the reason that the staging tensor is.</summary>
    private Tensor RoomForSum(ReadOnlySpan<long> shape)
    {
        long elements = 1;
        foreach (long length in shape)
        {
            elements *= length;
        }

        if (_sum is null || _sum.numel() < elements)
        {
            _sum?.Dispose();
            _sum = empty([elements], ScalarType.Float32, CPU).DetachFromDisposeScope();
        }

        return _sum.narrow(0, 0, elements).view(shape.ToArray());
    }

    private long StoredBytes(string name) => _tensors[name].Entry.ByteLength +
        (_adapter?.Pairs.TryGetValue(name, out LoraPair? pair) == true ? pair.ByteLength : 0);

    private void ReadConverted(
        Tensor weight, TensorLocation location, ScalarType stored, CancellationToken cancellation)
    {
        // Kept from weight to weight: glibc does not reuse the gap that a freed tensor leaves for another of its size
        // (the alignment asked for takes a few bytes more), so that a temporary for each would stay resident.
        if (_staging is null || _staging.dtype != stored)
        {
            _staging?.Dispose();
            _staging = empty([StagingElements], stored, CPU).DetachFromDisposeScope();
        }

        using Tensor flat = weight.view(-1);
        long elements = flat.shape[0];
        for (long start = 0; start < elements; start += StagingElements)
        {
            using DisposeScope scope = NewDisposeScope();
            long count = Math.Min(StagingElements, elements - start);
            Tensor part = _staging.narrow(0, 0, count);
            TensorReading.ReadInto(part, location, cancellation, start);
            flat.narrow(0, start, count).copy_(part);
        }
    }

    private static void RequireWhole(string folder)
    {
        if (LoraAdapter.IsIn(folder))
        {
            throw new CheckpointException(
                folder,
                "holds a LoRA adapter, which needs the model it was trained on. Set ModelOptions.BaseModel " +
                "(--base-model) to that model's folder; if the weights here are merged already, move the adapter's " +
                "files away.");
        }

        if (CheckpointFiles.FindFile(folder, ProjectorFile) is string projector && !CheckpointFiles.IsIn(folder))
        {
            throw new CheckpointException(
                folder,
                $"holds a projector alone ({projector}), which needs the language model it was trained with. Set " +
                "ModelOptions.BaseModel (--base-model) to that model's folder.");
        }
    }

    /// <summary>Puts what the checkpoint's own folder holds on top of the base model's weights.</summary>
    private void AddOnTop()
    {
        if (LoraAdapter.IsIn(Folder))
        {
            _adapter = LoraAdapter.Open(Folder);
            if (CheckpointFiles.TryOpen(Folder, BesideAdapterFile) is CheckpointFiles beside)
            {
                Add(beside);
            }
        }
        else
        {
            Add(CheckpointFiles.TryOpen(Folder, ProjectorFile) ?? throw new CheckpointException(
                Folder,
                $"has neither a projector ({ProjectorFile}.bin) nor a LoRA adapter (adapter_config.json) to put on " +
                "top of a base model. If it holds all weights, leave ModelOptions.BaseModel (--base-model) unset."));
        }
    }

    private void Add(CheckpointFiles files)
    {
        _files.Add(files);
        Dictionary<string, string> seen = new(StringComparer.Ordinal);
        foreach (TensorLocation location in files.Tensors.Values)
        {
            string name = CheckpointNames.Canonical(location.Entry.Name);
            if (!seen.TryAdd(name, location.Entry.Name))
            {
                throw new CheckpointException(
                    location.File.Path,
                    $"tensors {QuotedName.Of(location.Entry.Name)} and {QuotedName.Of(seen[name])} are the same one " +
                    "under the names of two layouts. Save the model again.")
                {
                    Tensor = location.Entry.Name,
                };
            }

            _tensors[name] = location;
        }
    }

    private static bool IsUnder(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) &&
        (name.Length == prefix.Length || name[prefix.Length] == '.');

    private static void AddProblems(List<string> problems, string kind, List<string> names)
    {
        if (names.Count > 0)
        {
            string more = names.Count > ListedProblems ? $" and {names.Count - ListedProblems} more" : string.Empty;
            problems.Add($"{names.Count} {kind}: {string.Join("; ", names.Take(ListedProblems))}{more}.");
        }
    }
}
