using System.Runtime.InteropServices;
using TorchSharp;

namespace DenseConnector.Loading;

/// <summary>
/// Functions of TorchSharp's native library that TorchSharp itself calls only in ways too narrow or too slow.
/// </summary>
/// <remarks>
/// Looked up in the library that TorchSharp itself uses, wherever <see cref="NativeLoader"/> has loaded that from.
/// Thread-safe.
/// </remarks>
internal static unsafe class NativeFunctions
{
    /// <summary>
    /// <c>THSTensor_new</c>: a tensor over memory; 0 if there is no such function. Its signature is that of TorchSharp
    /// 0.107, as of all of them; a test compares it with TorchSharp's own declaration.
    /// </summary>
    public static readonly nint MakeTensor = Find("THSTensor_new");

    private static readonly nint Data = Find("THSTensor_data");

    /// <summary>Where a tensor's first number lies; <c>null</c> if there is no such function.</summary>
    public static nint? AddressOf(torch.Tensor tensor)
    {
        if (Data == 0)
        {
            return null;
        }

        nint address = ((delegate* unmanaged<nint, nint>)Data)(tensor.Handle);
        GC.KeepAlive(tensor);
        return address;
    }

    private static nint Find(string name) =>
        NativeLibrary.TryLoad("LibTorchSharp", typeof(torch).Assembly, null, out nint library) &&
        NativeLibrary.TryGetExport(library, name, out nint function) ? function : 0;
}
