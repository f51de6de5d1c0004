using System.Reflection;
using System.Runtime.InteropServices;
using DenseConnector.Loading;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Loading;

public sealed class BorrowedMemoryTests : TensorTest
{
    [Fact]
    public void TryMakeTensor_Function_HasTheSignatureThatTorchSharpDeclares()
    {
        MethodInfo declared = typeof(torch).Assembly.GetType("TorchSharp.PInvoke.NativeMethods")!
            .GetMethod("THSTensor_new", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!;

        Assert.Equal(typeof(nint), declared.ReturnType);
        Assert.Equal(
            ["IntPtr", "GCHandleDeleter", "IntPtr", "Int32", "SByte", "SByte", "Int32", "Int32", "Boolean"],
            declared.GetParameters().Select(parameter => parameter.ParameterType.Name));
        Type deleter = declared.GetParameters()[1].ParameterType;
        Assert.Equal([typeof(nint)], deleter.GetMethod("Invoke")!.GetParameters().Select(item => item.ParameterType));
        Assert.Equal(
            CallingConvention.Cdecl,
            deleter.GetCustomAttribute<UnmanagedFunctionPointerAttribute>()!.CallingConvention);
        Assert.Equal(
            UnmanagedType.U1, declared.GetParameters()[^1].GetCustomAttribute<MarshalAsAttribute>()!.Value);
    }

    [Fact]
    public void TryMakeTensor_TensorsAtOneAddress_ReleaseTheOwnerWithTheLast()
    {
        Block block = new(64);
        nint address = block.DangerousGetHandle();
        Tensor first = BorrowedMemory.TryMakeTensor(block, address, [4], ScalarType.Float32)!;
        Tensor second = BorrowedMemory.TryMakeTensor(block, address, [2, 2], ScalarType.Float32)!;
        Tensor behind = BorrowedMemory.TryMakeTensor(block, address + 16, [1], ScalarType.Float32)!;
        block.Dispose();

        first.Dispose();
        behind.Dispose();
        Assert.False(block.IsFreed);
        using (Tensor last = second[1, 1])
        {
            Assert.Equal(0, last.item<float>());
        }

        second.Dispose();

        Assert.True(block.IsFreed);
    }

    [Fact]
    public void TryMakeTensor_LibtorchRefuses_GivesNullAndReleasesTheOwner()
    {
        Block block = new(64);

        Tensor? tensor = BorrowedMemory.TryMakeTensor(
            block, block.DangerousGetHandle(), [-1, 4], ScalarType.Float32);

        Assert.Null(tensor);
        CheckForErrors();
        block.Dispose();
        Assert.True(block.IsFreed);
    }

    [Fact]
    public void TryMakeTensor_OwnerDisposed_Throws()
    {
        Block block = new(64);
        nint address = block.DangerousGetHandle();
        block.Dispose();

        Assert.Throws<ObjectDisposedException>(
            () => BorrowedMemory.TryMakeTensor(block, address, [1], ScalarType.Float32));
    }

    [Fact]
    public void TryMakeTensor_TensorsLeftToTheGarbageCollector_ReleaseTheOwner()
    {
        Block block = new(64);

        // On a thread of its own, because the tensors of a thread are counted, and this one is never disposed.
        Thread leaving = new(() => Leave(block));
        leaving.Start();
        leaving.Join();
        block.Dispose();

        for (int i = 0; i < 100 && !block.IsFreed; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.True(block.IsFreed);
    }

    private static void Leave(Block block) =>
        BorrowedMemory.TryMakeTensor(block, block.DangerousGetHandle(), [4], ScalarType.Float32);

    /// <summary>Memory that tells whether it was freed.</summary>
    private sealed unsafe class Block : SafeHandleZeroOrMinusOneIsInvalid
    {
        public Block(int bytes)
            : base(ownsHandle: true) => SetHandle((nint)NativeMemory.AllocZeroed((nuint)bytes));

        public bool IsFreed { get; private set; }

        protected override bool ReleaseHandle()
        {
            NativeMemory.Free((void*)handle);
            IsFreed = true;
            return true;
        }
    }
}
