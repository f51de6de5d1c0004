using System.Runtime.InteropServices;
using DenseConnector.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Loading;

/// <summary>How the kernels see a tensor: as rows of numbers in memory.</summary>
/// <remarks>
/// The address holds as long as the tensor lives; libtorch does not move memory. Callers keep the tensor alive over the
/// kernel's call.
/// </remarks>
internal static unsafe class TensorRows
{
    /// <summary>
    /// Whether the kernels compute on a tensor: on the CPU, float32 or bfloat16, and few enough rows.
    /// </summary>
    public static bool AreFew(Tensor tensor, int most = RowOperations.MaxRows) =>
        tensor.device_type == DeviceType.CPU && RowsOf(tensor) <= most;

    /// <summary>The rows of a contiguous tensor <c>[..., width]</c> of float32 or bfloat16.</summary>
    public static RowBlock Of(Tensor tensor)
    {
        long width = tensor.size(-1);
        bool isBFloat16 = tensor.dtype == ScalarType.BFloat16;
        return new RowBlock(Address(tensor), isBFloat16, (int)RowsOf(tensor), width);
    }

    /// <summary>A tensor that is not filled yet, of a CPU tensor's type and shape but for the width.</summary>
    public static Tensor Empty(Tensor like, long width)
    {
        // Asking for all of a shape is slow in TorchSharp, and a step of a decoder has two dimensions.
        long[] shape = like.dim() == 2 ? [like.size(0), width] : [.. like.shape.AsSpan(..^1), width];
        return empty(shape, like.dtype, CPU);
    }

    /// <summary>
    /// The numbers of a tensor in float32, in this process's memory; bfloat16 on the CPU is widened without libtorch,
    /// whose threads a large tensor would wake.
    /// </summary>
    public static float[] ToSingle(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        bool isNear = tensor.device_type == DeviceType.CPU && tensor.dtype == ScalarType.BFloat16;
        RowBlock rows = Of((isNear ? tensor : tensor.to(ScalarType.Float32, CPU)).contiguous());
        float[] numbers = new float[rows.Count * rows.Width];
        fixed (float* first = numbers)
        {
            rows.Read(0, 0, first, numbers.Length);
        }

        return numbers;
    }

    /// <summary>Where a contiguous tensor's first number lies.</summary>
    public static nint Address(Tensor tensor)
    {
        if (NativeFunctions.AddressOf(tensor) is nint address)
        {
            return address;
        }

        // A span over the whole tensor would end at 2 GB; one element tells the address.
        using Tensor flat = tensor.view(-1);
        using Tensor first = flat.narrow(0, 0, 1);
        return (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }

    private static long RowsOf(Tensor tensor) => tensor.numel() / tensor.size(-1);
}
