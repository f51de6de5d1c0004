using System.Runtime.InteropServices;

namespace DenseConnector.Loading;

/// <summary>What TorchSharp's native libraries and their packages are called on one platform.</summary>
/// <param name="Rid">The portable runtime identifier, for example <c>linux-x64</c>.</param>
/// <param name="Bindings">TorchSharp's own library.</param>
/// <param name="TorchCpu">libtorch's library for the CPU, which every flavour has.</param>
/// <param name="TorchCuda">libtorch's library for CUDA, which only the CUDA packages have.</param>
/// <param name="CudaDriver">The library of the NVIDIA driver.</param>
/// <param name="CpuPackage">The smallest package with libtorch, or <c>null</c> if none is published.</param>
/// <param name="CudaPackage">The package with libtorch for CUDA, or <c>null</c> if none is published.</param>
internal sealed record NativePlatform(
    string Rid,
    string Bindings,
    string TorchCpu,
    string TorchCuda,
    string CudaDriver,
    string? CpuPackage,
    string? CudaPackage)
{
    /// <summary>The libtorch release that this TorchSharp is built for; a test asks TorchSharp.</summary>
    public const string TorchVersion = "2.10.0";

    // What is published for TorchSharp 0.107.0.
    private static readonly string[] WithCpuPackage = ["linux-x64", "osx-arm64", "win-x64", "win-arm64"];

    /// <summary>The platform of this process.</summary>
    public static NativePlatform Current { get; } = Of(
        OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : IsMusl() ? "linux-musl" : "linux",
        RuntimeInformation.ProcessArchitecture);

    /// <summary>Whether its libraries are ELF files.</summary>
    public bool IsLinux => Rid.StartsWith("linux", StringComparison.Ordinal);

    /// <summary>Whether it is Windows.</summary>
    public bool IsWindows => Rid.StartsWith("win", StringComparison.Ordinal);

    /// <summary>Whether its C library is musl (Alpine), for which no libtorch is published.</summary>
    public bool UsesMusl => Rid.StartsWith("linux-musl", StringComparison.Ordinal);

    /// <summary>The <c>e_machine</c> its ELF files must have, or <c>null</c> where that is not checked.</summary>
    public ushort? Machine => !IsLinux ? null
        : Rid.EndsWith("-x64", StringComparison.Ordinal) ? ElfHeader.X64
        : Rid.EndsWith("-arm64", StringComparison.Ordinal) ? ElfHeader.Arm64
        : null;

    /// <summary>The names for an operating system and an architecture.</summary>
    /// <param name="system"><c>linux</c>, <c>linux-musl</c>, <c>osx</c> or <c>win</c>.</param>
    /// <param name="architecture">The architecture of the process.</param>
    public static NativePlatform Of(string system, Architecture architecture)
    {
        string rid = $"{system}-{architecture.ToString().ToLowerInvariant()}";
        string? cpuPackage = WithCpuPackage.Contains(rid) ? $"libtorch-cpu-{rid}" : null;
        return system switch
        {
            "win" => new(
                rid, "LibTorchSharp.dll", "torch_cpu.dll", "torch_cuda.dll", "nvcuda.dll", cpuPackage,
                rid == "win-x64" ? "TorchSharp-cuda-windows" : null),
            "osx" => new(
                rid, "libLibTorchSharp.dylib", "libtorch_cpu.dylib", "libtorch_cuda.dylib", "libcuda.dylib", cpuPackage,
                null),
            _ => new(
                rid, "libLibTorchSharp.so", "libtorch_cpu.so", "libtorch_cuda.so", "libcuda.so.1", cpuPackage,
                rid == "linux-x64" ? "TorchSharp-cuda-linux" : null),
        };
    }

    private static bool IsMusl() => RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);
}
