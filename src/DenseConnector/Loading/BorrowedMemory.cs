using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Loading;

/// <summary>
/// Makes TorchSharp tensors over memory that somebody else owns, kept alive until libtorch lets it go.
/// </summary>
/// <remarks>
/// TorchSharp offers this for managed arrays only, so its native function is called past it. Thread-safe.
/// </remarks>
internal static unsafe class BorrowedMemory
{
    private static readonly Lock Gate = new();

    // libtorch gives the deleter no more than the address. As long as a tensor lies there, so does its memory, and no
    // other memory can be at the same address.
    private static readonly Dictionary<nint, Loan> Loans = [];

    /// <summary>Makes a contiguous tensor on the CPU; the memory's owner is released when libtorch frees it.</summary>
    /// <param name="owner">What the memory belongs to.</param>
    /// <param name="address">The first element, aligned to the size of one.</param>
    /// <param name="shape">The dimensions; the memory must be long enough for them.</param>
    /// <param name="type">The type of the elements.</param>
    /// <returns><c>null</c> if TorchSharp's library lacks the function or it fails.</returns>
    /// <exception cref="ObjectDisposedException">The owner is disposed.</exception>
    public static Tensor? TryMakeTensor(SafeHandle owner, nint address, ReadOnlySpan<long> shape, ScalarType type)
    {
        if (NativeFunctions.MakeTensor == 0)
        {
            return null;
        }

        int tensors = Borrow(owner, address);
        nint handle;
        fixed (long* sizes = shape)
        {
            handle = Make(address, &Return, sizes, shape.Length, type);
        }

        if (handle != 0)
        {
            return Tensor.UnsafeCreateTensor(handle);
        }

        try
        {
            // Takes the error away, which would be thrown by the next call otherwise.
            CheckForErrors();
        }
        catch (ExternalException)
        {
            // The caller reads the tensor instead.
        }

        GiveBack(address, tensors);
        return null;
    }

    private static int Borrow(SafeHandle owner, nint address)
    {
        bool added = false;
        owner.DangerousAddRef(ref added);
        lock (Gate)
        {
            int tensors = 1 + (Loans.TryGetValue(address, out Loan loan) ? loan.Tensors : 0);
            Loans[address] = new Loan(owner, tensors);
            return tensors;
        }
    }

    // On whatever thread frees the last tensor over the memory; must not throw into native code.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Return(nint address) => GiveBack(address);

    /// <param name="address">Where the tensor lay.</param>
    /// <param name="expected">
    /// How many tensors lie there if this one was not given back yet (libtorch may have done it before it failed).
    /// </param>
    private static void GiveBack(nint address, int? expected = null)
    {
        Loan loan;
        lock (Gate)
        {
            if (!Loans.TryGetValue(address, out loan) || loan.Tensors < expected)
            {
                return;
            }

            if (loan.Tensors == 1)
            {
                Loans.Remove(address);
            }
            else
            {
                Loans[address] = loan with { Tensors = loan.Tensors - 1 };
            }
        }

        loan.Owner.DangerousRelease();
    }

    private static nint Make(
        nint data,
        delegate* unmanaged[Cdecl]<nint, void> deleter,
        long* sizes,
        int dimensions,
        ScalarType type)
    {
        const int NoIndex = -1;
        const byte NoGradient = 0;
        var make =
            (delegate* unmanaged<
                nint, delegate* unmanaged[Cdecl]<nint, void>, long*, int, sbyte, sbyte, int, int, byte, nint>)
            NativeFunctions.MakeTensor;

        // The type the data has, then the type wanted, which is the same: nothing is converted.
        return make(
            data, deleter, sizes, dimensions, (sbyte)type, (sbyte)type, (int)DeviceType.CPU, NoIndex, NoGradient);
    }

    /// <summary>What owns the memory at an address, and how many tensors start there.</summary>
    private readonly record struct Loan(SafeHandle Owner, int Tensors);
}
