using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace DenseConnector.Loading;

/// <summary>Loads TorchSharp's native libraries from given folders and mends the one known obstacle.</summary>
/// <remarks>
/// The obstacle: <c>libLibTorchSharp.so</c> 0.107.0 was built with GCC 13 and asks for GLIBCXX_3.4.32, which the
/// libstdc++ of Debian 12 and Ubuntu 22.04 lacks; TorchSharp then says that no libtorch package is referenced. The one
/// symbol of that version is a marker that <c>&lt;iostream&gt;</c> puts into every unit and that nothing calls. So a
/// copy of the library that does not ask for it is loaded, never written beside the original, and TorchSharp finds it
/// by its name.
/// TorchSharp itself is touched only when its library is loaded: it would write a misleading trace to the console, copy
/// half a gigabyte from the package cache beside the application, and be unusable ever after, for its static
/// constructor runs once. Not thread-safe; see <see cref="NativeLibraries"/>.
/// </remarks>
/// <param name="platform">The names of the libraries.</param>
/// <param name="folders">Where they are looked for.</param>
internal sealed class NativeLoader(NativePlatform platform, NativeFolders folders)
{
    /// <summary>The library of the one version need that is mended.</summary>
    public const string StandardLibrary = "libstdc++.so.6";

    /// <summary>The version whose absence is mended.</summary>
    public const string MendedVersion = "GLIBCXX_3.4.32";

    /// <summary>The one symbol of that version.</summary>
    public const string MendedSymbol = "_ZSt21ios_base_library_initv";

    // Exists in every C library, takes no argument and does no harm, should anything ever call the symbol.
    private const string Replacement = "tzset";

    private readonly NativeDiagnosis _diagnosis = new(platform, folders);

    /// <summary>Whether the copy may be loaded from an anonymous file in memory; only tests say no.</summary>
    public bool UsesMemoryFile { get; init; } = true;

    /// <summary>Where the changed copy was loaded from, once <see cref="Load"/> has run.</summary>
    public RemedyPlace Remedy { get; private set; }

    /// <summary>Whether one missing version is all that keeps the library from loading, and it can be mended.</summary>
    public static bool CanMend(IReadOnlyList<ElfVersionNeed> unmet) =>
        unmet is [{ Library: StandardLibrary, Version: MendedVersion }];

    /// <summary>Loads the libraries and starts TorchSharp on the CPU.</summary>
    /// <returns><c>null</c>, or why they do not load.</returns>
    public NativeFailure? Load()
    {
        using SpinLimit limit = new();
        return _diagnosis.CheckFiles() ?? LoadBindings() ?? Start(DeviceType.CPU);
    }

    /// <summary>Starts CUDA; call it after <see cref="Load"/> has succeeded.</summary>
    /// <returns><c>null</c>, or why no CUDA device can be used.</returns>
    public NativeFailure? LoadCuda() => _diagnosis.MissingCuda() ?? Start(DeviceType.CUDA);

    private NativeFailure? LoadBindings()
    {
        if (_diagnosis.ReadBindings() is { } bindings && CanMend(_diagnosis.UnmetVersions(bindings)))
        {
            NativeFailure? failure = LoadNeeded(bindings) ?? LoadMended(bindings);
            if (failure is not null)
            {
                return _diagnosis.MissingPackage() ?? failure;
            }
        }

        // TorchSharp's own two steps, so whoever has loaded the libraries from elsewhere beforehand is not disturbed.
        Assembly torchSharp = typeof(torch).Assembly;
        NativeLibrary.TryLoad("torch_cpu", torchSharp, null, out _);
        return NativeLibrary.TryLoad("LibTorchSharp", torchSharp, null, out _) || MayGatherFromPackages(torchSharp)
            ? null
            : _diagnosis.Explain();
    }

    /// <summary>Loads what the library needs from the application's folders: its copy lies elsewhere.</summary>
    private NativeFailure? LoadNeeded(ElfImage bindings) => bindings.Needed
        .Select(folders.Find).OfType<string>().Select(_diagnosis.TryLoad).OfType<NativeFailure>().FirstOrDefault();

    private NativeFailure? LoadMended(ElfImage bindings)
    {
        ElfVersionNeed need = bindings.VersionNeeds.First(
            candidate => candidate is { Library: StandardLibrary, Version: MendedVersion });
        try
        {
            byte[] mended = bindings.WithoutVersion(need, MendedSymbol, Replacement);
            Remedy = LibraryCopy.Load(platform.Bindings, mended, UsesMemoryFile);
            return null;
        }
        catch (InvalidDataException e)
        {
            return _diagnosis.MissingVersions([need], e);
        }
        catch (DllNotFoundException e)
        {
            return new(
                platform.Bindings,
                $"it asks for {MendedVersion}, which this system's libstdc++ lacks, and the changed copy that does " +
                $"not was refused. {e.Message}",
                "Set TMPDIR to a folder from which programs may be run, or use a system with the libstdc++ of GCC " +
                "13.2 or later (Debian 13, Ubuntu 24.04).",
                e);
        }
    }

    private NativeFailure? Start(DeviceType device)
    {
        try
        {
            return StartTorchSharp(device) ? null : _diagnosis.NoCudaDevice();
        }
        catch (Exception e) when (e is TypeInitializationException or NotSupportedException or InvalidOperationException
            or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException or ExternalException)
        {
            return _diagnosis.NotStarted(e);
        }
    }

    // Not inlined: TorchSharp's static constructor must not run before its library is loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool StartTorchSharp(DeviceType device)
    {
        bool available = torch.TryInitializeDeviceType(device);
        using torch.Tensor probe = torch.empty([1], torch.ScalarType.Float32, torch.CPU);
        return available;
    }

    /// <summary>
    /// In a notebook TorchSharp runs from the package cache and gathers its libraries from there itself, so that what
    /// is missing here may not be missing for it.
    /// </summary>
    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "Without a location: no notebook.")]
    private static bool MayGatherFromPackages(Assembly torchSharp)
    {
        // packages/torchsharp/<version>/lib/<framework>/TorchSharp.dll
        string? library = Path.GetDirectoryName(Path.GetDirectoryName(torchSharp.Location));
        string? package = Path.GetDirectoryName(Path.GetDirectoryName(library));
        return Path.GetFileName(library) == "lib" && Path.GetFileName(package) == "torchsharp";
    }
}
