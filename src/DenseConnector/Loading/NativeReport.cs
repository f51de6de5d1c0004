namespace DenseConnector.Loading;

/// <summary>The state of the native libraries in this process, for display.</summary>
internal sealed record NativeReport
{
    /// <summary>The operating system with its version.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>The platform as packages name it, for example <c>linux-x64</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The version of glibc, or <c>null</c> on other C libraries and systems.</summary>
    public Version? Glibc { get; init; }

    /// <summary>The newest GLIBCXX version that the system's libstdc++ offers, or <c>null</c> if unknown.</summary>
    public Version? Libstdcxx { get; init; }

    /// <summary>The newest GLIBCXX version that TorchSharp's library asks for, or <c>null</c> if unknown.</summary>
    public Version? RequiredLibstdcxx { get; init; }

    /// <summary>The folder of TorchSharp's library, or <c>null</c> if it was not found.</summary>
    public string? Folder { get; init; }

    /// <summary>The native libraries of TorchSharp and libtorch that were found.</summary>
    public IReadOnlyList<NativeFile> Files { get; init; } = [];

    /// <summary>The symbol versions that TorchSharp's library asks for and the system lacks.</summary>
    public IReadOnlyList<string> UnmetVersions { get; init; } = [];

    /// <summary>Whether the library loads only as a changed copy that asks for one version less.</summary>
    public bool NeedsRemedy { get; init; }

    /// <summary>Where that copy was loaded from.</summary>
    public RemedyPlace Remedy { get; init; }

    /// <summary>The version of the TorchSharp bindings.</summary>
    public required string TorchSharp { get; init; }

    /// <summary>Whether libtorch is loaded and usable on the CPU.</summary>
    public bool IsLoaded => Problem is null;

    /// <summary>Why libtorch is not usable and what to do, or <c>null</c> if it is.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether libtorch can use a CUDA device.</summary>
    public bool HasCuda => IsLoaded && CudaProblem is null;

    /// <summary>Why no CUDA device can be used, or <c>null</c> if one can or libtorch is not loaded at all.</summary>
    public string? CudaProblem { get; init; }
}

/// <summary>A library file.</summary>
/// <param name="Name">Its name without the folder.</param>
/// <param name="Bytes">Its length.</param>
internal sealed record NativeFile(string Name, long Bytes);
