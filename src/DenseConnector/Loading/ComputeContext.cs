using DenseConnector.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Loading;

/// <summary>
/// Where and in what format a model computes and, on a CPU, what its layers share: the threads of the kernels and room
/// for one matrix.
/// </summary>
/// <remarks>One for each model, used on its inference thread. Disposing ends the threads.</remarks>
internal sealed class ComputeContext : IDisposable
{
    private Tensor? _room;

    /// <summary>A context in which libtorch computes everything.</summary>
    /// <param name="type">The type activations are computed in.</param>
    /// <param name="device">The device.</param>
    public ComputeContext(ScalarType type, Device device)
        : this(type, device, null)
    {
    }

    private ComputeContext(ScalarType type, Device device, WorkerTeam? team)
    {
        Type = type;
        Device = device;
        Team = team;
    }

    /// <summary>The type activations are computed in.</summary>
    public ScalarType Type { get; }

    /// <summary>The device weights are placed on.</summary>
    public Device Device { get; }

    /// <summary>The threads of the kernels, or <c>null</c> where libtorch computes everything.</summary>
    public WorkerTeam? Team { get; }

    /// <summary>A context with the kernels' threads started, where the kernels can be used.</summary>
    public static ComputeContext Start(ScalarType type, Device device)
    {
        bool covered = device.type == DeviceType.CPU && type is (ScalarType.Float32 or ScalarType.BFloat16);
        return new ComputeContext(type, device, covered ? new WorkerTeam(get_num_threads()) : null);
    }

    /// <summary>
    /// Room for a matrix <c>[rows, columns]</c>; the next call gives it away again.
    /// </summary>
    public Tensor TakeRoom(ScalarType type, long rows, long columns)
    {
        if (_room is null || _room.numel() < rows * columns || _room.dtype != type)
        {
            _room?.Dispose();
            _room = null;
            _room = HugePages.Empty([rows * columns], type, Device).DetachFromDisposeScope();
        }

        return _room.narrow(0, 0, rows * columns).view(rows, columns);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Team?.Dispose();
        _room?.Dispose();
    }
}
