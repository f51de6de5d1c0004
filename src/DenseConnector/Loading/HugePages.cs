using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Loading;

/// <summary>
/// Puts large tensors on pages of their own, of 2 MiB where the system has them: they are given out a few hundred times
/// faster than pages of 4 KiB, reading through them needs fewer looks at the page table, and they go back to the system
/// with the tensor.
/// </summary>
internal static class HugePages
{
    private const long LeastBytes = 2 * PageMemory.HugePage;

    /// <summary>Makes a tensor that is not filled yet, on its own pages if it is large and lies on the CPU.</summary>
    public static Tensor Empty(ReadOnlySpan<long> shape, ScalarType type, Device device)
    {
        long bytes = type.ElementSize();
        foreach (long length in shape)
        {
            bytes *= length;
        }

        if (!OperatingSystem.IsLinux() || device.type != DeviceType.CPU || bytes < LeastBytes)
        {
            return empty(shape, type, device);
        }

        using PageMemory? memory = PageMemory.TryTake(bytes);
        Tensor? tensor = memory is null ? null : BorrowedMemory.TryMakeTensor(memory, memory.Address, shape, type);
        return tensor ?? empty(shape, type, device);
    }
}
