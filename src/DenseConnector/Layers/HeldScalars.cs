using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>Arithmetic with numbers whose native scalars are held until libtorch has read them.</summary>
/// <remarks>
/// TorchSharp makes a native scalar of every number and reads its handle before the call; nothing keeps the object
/// alive from then on, and a garbage collection on another thread may free it under libtorch's hands (seen under load:
/// an internal assertion of libtorch). Also adding two tensors makes one, for the factor 1. So sums and number
/// operands go through here.
/// </remarks>
internal static class HeldScalars
{
    private static readonly Scalar One = 1;

    /// <summary>Adds a tensor in place and returns the first.</summary>
    public static Tensor AddInPlace(this Tensor tensor, Tensor other) => tensor.add_(other, One);

    /// <summary>Adds a number in place and returns the tensor.</summary>
    public static Tensor AddInPlace(this Tensor tensor, double number)
    {
        Scalar held = number;
        Tensor result = tensor.add_(held, One);
        GC.KeepAlive(held);
        return result;
    }

    /// <summary>Divides by a number in place and returns the tensor.</summary>
    public static Tensor DivideInPlace(this Tensor tensor, double number)
    {
        Scalar held = number;
        Tensor result = tensor.div_(held);
        GC.KeepAlive(held);
        return result;
    }

    /// <summary>A new tensor: each value times a number.</summary>
    public static Tensor Times(this Tensor tensor, double number)
    {
        Scalar held = number;
        Tensor result = tensor.mul(held);
        GC.KeepAlive(held);
        return result;
    }

    /// <summary>
    /// The numbers from 0 to below <paramref name="end"/>, <paramref name="step"/> apart, in float32 on the CPU.
    /// </summary>
    public static Tensor Count(long end, long step = 1)
    {
        (Scalar first, Scalar last, Scalar apart) = (0, end, step);
        Tensor result = arange(first, last, apart, ScalarType.Float32, CPU);
        GC.KeepAlive(first);
        GC.KeepAlive(last);
        GC.KeepAlive(apart);
        return result;
    }

    /// <summary>A tensor of the same shape and type that holds one number.</summary>
    public static Tensor Filled(this Tensor like, double number)
    {
        Scalar held = number;
        Tensor result = full_like(like, held);
        GC.KeepAlive(held);
        return result;
    }
}
