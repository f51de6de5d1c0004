using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Loading;

/// <summary>
/// The tensors of one checkpoint folder by name: reads them, and keeps account of what was asked for, what was missing
/// or mis-shaped, and what nobody asked for, so that a load ends with one error that lists everything.
/// </summary>
/// <remarks>Used by one thread. Disposing closes the files; tensors already read stay.</remarks>
internal sealed class Checkpoint : IDisposable
{
    private const int ListedProblems = 12;

    private readonly CheckpointFiles _files;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly List<string> _ignored = [];
    private readonly List<string> _missing = [];
    private readonly List<string> _misshaped = [];

    private Checkpoint(CheckpointFiles files) => _files = files;

    /// <summary>The folder as the user named it.</summary>
    public string Folder => _files.Folder;

    /// <summary>Every tensor of the checkpoint by name.</summary>
    public IReadOnlyDictionary<string, TensorLocation> Tensors => _files.Tensors;

    /// <summary>Stored bytes of all tensors asked for so far that are there.</summary>
    public long BytesAsked =>
        _asked.Where(_files.Tensors.ContainsKey).Sum(name => _files.Tensors[name].Entry.ByteLength);

    /// <summary>Stored bytes read so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Called after each tensor is read.</summary>
    public Action? TensorRead { get; set; }

    /// <summary>Opens the weight files of a folder and validates their headers; no weight is read.</summary>
    /// <exception cref="CheckpointException">No weights are there, or a file is damaged.</exception>
    public static Checkpoint Open(string folder) => new(CheckpointFiles.Open(folder));

    /// <summary>
    /// Reads a tensor into memory of its own: <c>shape</c> → the same shape, of <paramref name="type"/>, on
    /// <paramref name="device"/>.
    /// </summary>
    /// <remarks>
    /// On the meta device nothing is read: only name and shape are checked. A missing or mis-shaped tensor is noted for
    /// <see cref="ThrowIfIncomplete"/> and a meta tensor of the expected shape stands in for it.
    /// </remarks>
    public Tensor Read(
        string name, ReadOnlySpan<long> shape, ScalarType type, Device device, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _asked.Add(name);
        if (!_files.Tensors.TryGetValue(name, out TensorLocation location))
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

        ScalarType stored = StoredType(location);
        if (device.type == DeviceType.META)
        {
            return empty(shape, type, device);
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor read = empty(shape, stored, CPU);
        ReadInto(read, location, cancellation);
        BytesRead += location.Entry.ByteLength;
        TensorRead?.Invoke();
        return read.to(type, device).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Marks every tensor whose name is <paramref name="prefix"/> or starts with <c>prefix.</c> as knowingly unused.
    /// </summary>
    public void Ignore(string prefix) => _ignored.Add(prefix);

    /// <summary>
    /// Ends a pass over the whole model: one error lists the missing, mis-shaped and unexpected tensors.
    /// </summary>
    /// <exception cref="CheckpointException">
    /// At least one tensor is missing, has another shape, or was never asked for.
    /// </exception>
    public void ThrowIfIncomplete()
    {
        List<string> unexpected = [.. _files.Tensors.Keys
            .Where(name => !_asked.Contains(name) && !_ignored.Any(prefix => IsUnder(name, prefix)))
            .Order(StringComparer.Ordinal)
            .Select(name => $"'{name}'")];
        List<string> problems = [];
        AddProblems(problems, "missing", _missing);
        AddProblems(problems, "of another shape", _misshaped);
        AddProblems(problems, "not expected by this model", unexpected);
        if (problems.Count > 0)
        {
            throw new CheckpointException(
                Folder, $"the weights do not fit the model that config.json describes. {string.Join(" ", problems)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    /// <summary>The TorchSharp type of a stored tensor.</summary>
    /// <exception cref="CheckpointException">The type is none that weights are stored in.</exception>
    private static ScalarType StoredType(TensorLocation location) => location.Entry.Type switch
    {
        TensorType.F64 => ScalarType.Float64,
        TensorType.F32 => ScalarType.Float32,
        TensorType.F16 => ScalarType.Float16,
        TensorType.BF16 => ScalarType.BFloat16,
        TensorType other => throw new CheckpointException(
            location.File.Path,
            $"tensor '{location.Entry.Name}' is of type {other}; weights are F64, F32, F16 or BF16.")
        {
            Tensor = location.Entry.Name,
            Expected = "F64, F32, F16 or BF16",
            Found = other.ToString(),
        },
    };

    private static unsafe void ReadInto(Tensor destination, TensorLocation location, CancellationToken cancellation)
    {
        if (location.Entry.ByteLength == 0)
        {
            return;
        }

        // One element is enough to learn the address; a span over the whole tensor would end at 2 GB.
        using Tensor first = destination.view(-1).narrow(0, 0, 1);
        fixed (byte* start = first.bytes)
        {
            location.File.Read(location.Entry, start, location.Entry.ByteLength, cancellation);
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
