using static TorchSharp.torch;

namespace DenseConnector.Loading;

/// <summary>
/// A checkpoint and the towers that lie in folders of their own as one source, under the names that the towers' weights
/// have inside a checkpoint.
/// </summary>
/// <remarks>Used by one thread; it does not own the checkpoints.</remarks>
internal sealed class JoinedWeights : WeightSource
{
    private readonly Checkpoint _model;
    private readonly (string Inside, Checkpoint? Tower, string There)[] _towers;

    /// <summary>Joins the parts.</summary>
    /// <param name="model">The checkpoint.</param>
    /// <param name="tower">The vision tower's own weights, or <c>null</c> if the checkpoint's are taken.</param>
    /// <param name="auxiliary">
    /// The own weights of Mini-Gemini's high-resolution tower, or <c>null</c> if the checkpoint's are taken or the
    /// model has no such tower.
    /// </param>
    public JoinedWeights(Checkpoint model, Checkpoint? tower, Checkpoint? auxiliary)
    {
        _model = model;
        _towers =
        [
            (CheckpointNames.VisionModelInside + '.', tower, CheckpointNames.VisionModel + '.'),
            (CheckpointNames.AuxiliaryStemInside + '.', auxiliary, CheckpointNames.AuxiliaryStem + '.'),
            (CheckpointNames.AuxiliaryStagesInside + '.', auxiliary, CheckpointNames.AuxiliaryStages + '.'),
        ];
    }

    /// <inheritdoc/>
    public override Tensor Read(
        string name, ReadOnlySpan<long> shape, ScalarType type, Device device, CancellationToken cancellation)
    {
        (Checkpoint files, string there) = Find(name);
        return files.Read(there, shape, type, device, cancellation);
    }

    /// <inheritdoc/>
    public override void Ignore(string prefix)
    {
        (Checkpoint files, string there) = Find(prefix);
        files.Ignore(there);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<long>? ShapeOf(string name)
    {
        (Checkpoint files, string there) = Find(name);
        return files.ShapeOf(there);
    }

    /// <inheritdoc/>
    public override bool Any(string prefix)
    {
        (Checkpoint files, string there) = Find(prefix);
        return files.Any(there);
    }

    private (Checkpoint Files, string Name) Find(string name)
    {
        (string inside, Checkpoint? tower, string there) = _towers.FirstOrDefault(
            part => part.Tower is not null && name.StartsWith(part.Inside, StringComparison.Ordinal));
        return tower is null ? (_model, name) : (tower, there + name[inside.Length..]);
    }
}
