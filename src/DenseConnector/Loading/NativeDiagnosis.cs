using System.Runtime.InteropServices;
using TorchSharp;

namespace DenseConnector.Loading;

/// <summary>Finds out why TorchSharp's native libraries do not load and what the user can do about it.</summary>
/// <remarks>Reads files and asks the system's loader; never touches TorchSharp itself. Thread-safe.</remarks>
/// <param name="platform">The names of the libraries.</param>
/// <param name="folders">Where they are looked for.</param>
internal sealed class NativeDiagnosis(NativePlatform platform, NativeFolders folders)
{
    private const string RestoreAgain = "Delete its package from the NuGet cache, then restore and build again.";

    private const string WindowsNote =
        "TorchSharp 0.107.0 is reported not to load on Windows with libtorch 2.10 (dotnet/TorchSharp issue 1567): " +
        "see there whether a later release helps, or run under WSL 2.";

    /// <summary>TorchSharp's library as an ELF image, or <c>null</c> if it is not there or not readable.</summary>
    public ElfImage? ReadBindings()
    {
        try
        {
            return platform.IsLinux && folders.Find(platform.Bindings) is { } path
                ? ElfImage.Read(path, File.ReadAllBytes(path))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>The symbol versions an ELF library asks for and this system is known to lack.</summary>
    public IReadOnlyList<ElfVersionNeed> UnmetVersions(ElfImage? bindings)
    {
        // musl has no symbol versions and ignores those of a library.
        if (bindings is null || platform.UsesMusl)
        {
            return [];
        }

        List<ElfVersionNeed> unmet = [];
        foreach (IGrouping<string, ElfVersionNeed> needs in bindings.VersionNeeds.GroupBy(need => need.Library))
        {
            if (folders.Find(needs.Key) is null && LoadedLibrary.VersionsOf(needs.Key) is { } offered)
            {
                unmet.AddRange(needs.Where(need => !need.IsWeak && !offered.Contains(need.Version)));
            }
        }

        return unmet;
    }

    /// <summary>
    /// Finds damaged files before the system's loader sees them: mapping an incomplete library ends the process with a
    /// signal instead of an error.
    /// </summary>
    public NativeFailure? CheckFiles()
    {
        string[] names = [platform.Bindings, platform.TorchCpu, "libtorch.so", "libc10.so"];
        return names.Select(folders.Find).OfType<string>().Select(CheckFile).OfType<NativeFailure>().FirstOrDefault();
    }

    /// <summary>What is wrong with one library's file; only Linux libraries are checked.</summary>
    public NativeFailure? CheckFile(string path)
    {
        if (!platform.IsLinux)
        {
            return null;
        }

        string name = Path.GetFileName(path);
        try
        {
            using FileStream stream = File.OpenRead(path);
            ElfHeader header = ElfHeader.Read(path, stream);
            return platform.Machine is not { } expected || header.Machine == expected ? null : new(
                name,
                $"{path} is made for {header.MachineName}, this process runs on {ElfHeader.NameOf(expected)}.",
                $"Build or publish the application for {platform.Rid}, so that it gets that platform's libraries.");
        }
        catch (InvalidDataException e)
        {
            return new(name, $"the file is damaged. {e.Message}", RestoreAgain, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(name, $"{path} cannot be read ({e.Message})", "Make the file readable.", e);
        }
    }

    /// <summary>The failure if the application came without libtorch.</summary>
    public NativeFailure? MissingPackage()
    {
        string[] libraries = [platform.Bindings, platform.TorchCpu];
        if (libraries.FirstOrDefault(library => folders.Find(library) is null) is not { } missing)
        {
            return null;
        }

        string cuda = platform.CudaPackage is null ? string.Empty : $" (or {platform.CudaPackage} for CUDA)";
        return new(
            missing,
            $"the application has no native libtorch: the file is in none of {string.Join(", ", folders.Folders)}.",
            $"Add the package {platform.CpuPackage} {NativePlatform.TorchVersion}{cuda} to the application's project.");
    }

    /// <summary>The failure if the application came without libtorch for CUDA or the system without a driver.</summary>
    public NativeFailure? MissingCuda()
    {
        const string OnCpu = "or set the device to 'cpu'.";
        if (folders.Find(platform.TorchCuda) is not { } library)
        {
            string remedy = platform.CudaPackage is null
                ? "Set the device to 'cpu': no CUDA package exists for this platform."
                : $"Reference the package {platform.CudaPackage} instead of {platform.CpuPackage}, {OnCpu}";
            return new(platform.TorchCuda, "the application has no libtorch with CUDA.", remedy);
        }

        return CheckFile(library) ?? (NativeLibrary.TryLoad(platform.CudaDriver, out _) ? null : new(
            platform.CudaDriver,
            "the application has libtorch with CUDA, but the NVIDIA driver's library does not load.",
            $"Install the NVIDIA driver (in a container: run it with GPU access), {OnCpu}"));
    }

    /// <summary>The failure for a driver without a usable device.</summary>
    public NativeFailure NoCudaDevice() => new(
        platform.TorchCuda,
        "libtorch found no CUDA device it can use.",
        "Check with nvidia-smi that the driver suits CUDA 12.8 and sees a GPU, or set the device to 'cpu'.");

    /// <summary>The failure for symbol versions that cannot be done without.</summary>
    public NativeFailure MissingVersions(IReadOnlyList<ElfVersionNeed> unmet, Exception? cause = null) => new(
        platform.Bindings,
        $"it asks for {string.Join(", ", unmet)}, which this system lacks.",
        "Use a newer system (Debian 12, Ubuntu 22.04 or later).",
        cause);

    /// <summary>The failure for a library whose file the system's loader refuses.</summary>
    public NativeFailure DoesNotLoad(string path, Exception error) => new(
        Path.GetFileName(path),
        $"{path} does not load: {Line(error.Message, ^1)}.",
        platform.IsWindows ? WindowsNote
            : $"If a library of the system is missing, install it; if the file may be damaged: {RestoreAgain}",
        error);

    /// <summary>Loads a library by its path and gives back the loader's error, if any.</summary>
    public NativeFailure? TryLoad(string path)
    {
        try
        {
            NativeLibrary.Load(path);
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return DoesNotLoad(path, e);
        }
    }

    /// <summary>Why TorchSharp's library does not load; call it when loading has failed.</summary>
    public NativeFailure Explain()
    {
        if (platform.UsesMusl)
        {
            return new(
                platform.Bindings,
                "this system's C library is musl (Alpine), for which no libtorch is published.",
                "Use a system with glibc, for example the Debian or Ubuntu images of .NET.");
        }

        if (platform.CpuPackage is null)
        {
            return new(
                platform.Bindings,
                $"no libtorch {NativePlatform.TorchVersion} is published for {platform.Rid}.",
                "Use linux-x64 (glibc), osx-arm64, win-x64 or win-arm64.");
        }

        if (MissingPackage() is { } missing)
        {
            return missing;
        }

        IReadOnlyList<ElfVersionNeed> unmet = UnmetVersions(ReadBindings());
        if (unmet.Count > 0)
        {
            return MissingVersions(unmet);
        }

        string[] libraries = [platform.TorchCpu, platform.Bindings];
        IEnumerable<NativeFailure> failures =
            libraries.Select(folders.Find).OfType<string>().Select(TryLoad).OfType<NativeFailure>();
        return failures.FirstOrDefault() ?? new(
            platform.Bindings,
            $"{folders.Find(platform.Bindings)} loads, but the runtime does not search its folder for TorchSharp.",
            "Publish the application together with its .deps.json file, or put the library beside the application.");
    }

    /// <summary>The failure for a TorchSharp that does not start although its library is loaded.</summary>
    public NativeFailure NotStarted(Exception error)
    {
        if (error is TypeInitializationException { InnerException: NotSupportedException })
        {
            return new(
                platform.Bindings,
                "it loads now, but TorchSharp was used earlier in this process, failed, and cannot be started again.",
                "Load a DenseConnector model before the application's own first use of TorchSharp.",
                error);
        }

        string version = typeof(torch).Assembly.GetName().Version?.ToString(3) ?? "unknown";
        return new(
            platform.Bindings,
            $"TorchSharp {version} does not start with it: {Line(error.GetBaseException().Message, 0)}.",
            platform.IsWindows ? WindowsNote : $"Use the libtorch packages of version {NativePlatform.TorchVersion}.",
            error);
    }

    /// <summary>
    /// One line of a message: the runtime's ends with the system loader's reason after lines of advice, TorchSharp's
    /// starts with the reason and goes on with a trace.
    /// </summary>
    private static string Line(string text, Index index) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries)[index].Trim().TrimEnd('.');
}
