using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace DenseConnector.Loading;

/// <summary>Makes the native libraries of libtorch usable in this process. Thread-safe.</summary>
/// <remarks>
/// Must run before the first use of a TorchSharp type that computes: on some systems TorchSharp does not load without
/// it, and after a failed start it cannot be repaired within the process.
/// </remarks>
internal static class NativeLibraries
{
    private static readonly NativeFolders Folders = NativeFolders.OfProcess();
    private static readonly NativeDiagnosis Diagnosis = new(NativePlatform.Current, Folders);
    private static readonly NativeLoader Loader = new(NativePlatform.Current, Folders);

    // The values are why it failed, or null: a Lazy that threw would hand the same exception object to every caller.
    private static readonly Lazy<NativeFailure?> Cpu = new(Loader.Load);
    private static readonly Lazy<NativeFailure?> Cuda = new(Loader.LoadCuda);

    /// <summary>Loads libtorch for the CPU, once; every later call only reads the outcome.</summary>
    /// <exception cref="NativeLibraryException">It does not load; each call says the same.</exception>
    public static void EnsureLoaded() => ThrowIfFailed(Cpu.Value);

    /// <summary>Does what <see cref="EnsureLoaded"/> does; says whether it succeeded instead of throwing.</summary>
    public static bool TryLoad() => Cpu.Value is null;

    /// <summary>Loads libtorch and starts CUDA, once.</summary>
    /// <exception cref="NativeLibraryException">
    /// libtorch does not load, the application has no libtorch with CUDA, or there is no driver or device.
    /// </exception>
    public static void EnsureCudaLoaded()
    {
        EnsureLoaded();
        ThrowIfFailed(Cuda.Value);
    }

    /// <summary>Tries to load everything and reports what was found; nothing that is broken makes it throw.</summary>
    public static NativeReport Inspect()
    {
        NativePlatform platform = NativePlatform.Current;
        ElfImage? bindings = Diagnosis.ReadBindings();
        IReadOnlyList<ElfVersionNeed> unmet = Diagnosis.UnmetVersions(bindings);
        NativeFailure? failure = Cpu.Value;
        string? library = Folders.Find(platform.Bindings);
        return new NativeReport
        {
            OperatingSystem = RuntimeInformation.OSDescription,
            Platform = platform.Rid,
            Glibc = GlibcVersion(),
            Libstdcxx = platform.IsLinux && !platform.UsesMusl
                ? LoadedLibrary.Newest(LoadedLibrary.VersionsOf(NativeLoader.StandardLibrary), "GLIBCXX_")
                : null,
            RequiredLibstdcxx = LoadedLibrary.Newest(bindings?.VersionNeeds.Select(need => need.Version), "GLIBCXX_"),
            Folder = library is null ? null : Path.GetDirectoryName(library),
            Files = FindFiles(),
            UnmetVersions = [.. unmet.Select(need => need.ToString())],
            NeedsRemedy = NativeLoader.CanMend(unmet),
            Remedy = Loader.Remedy,
            TorchSharp = TorchSharpVersion(),
            Problem = failure?.ToException().Message,
            CudaProblem = failure is null ? Cuda.Value?.ToException().Message : null,
        };
    }

    private static void ThrowIfFailed(NativeFailure? failure)
    {
        if (failure is not null)
        {
            throw failure.ToException();
        }
    }

    private static Version? GlibcVersion()
    {
        if (!OperatingSystem.IsLinux() ||
            !NativeLibrary.TryLoad("libc.so.6", out IntPtr library) ||
            !NativeLibrary.TryGetExport(library, "gnu_get_libc_version", out IntPtr export))
        {
            return null;
        }

        unsafe
        {
            string? version = Marshal.PtrToStringUTF8(((delegate* unmanaged<IntPtr>)export)());
            return Version.TryParse(version, out Version? number) ? number : null;
        }
    }

    private static string TorchSharpVersion()
    {
        Assembly assembly = typeof(torch).Assembly;
        string? full = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return full?.Split('+')[0] ?? assembly.GetName().Version?.ToString() ?? "unknown";
    }

    private static List<NativeFile> FindFiles()
    {
        string[] parts = ["libtorch", "torch_", "c10", "gomp"];
        List<NativeFile> files = [];
        foreach (string folder in Folders.Folders.Where(Directory.Exists))
        {
            try
            {
                files.AddRange(new DirectoryInfo(folder).EnumerateFiles()
                    .Where(file => IsNative(file.Name) && parts.Any(
                        part => file.Name.Contains(part, StringComparison.OrdinalIgnoreCase)))
                    .Select(file => new NativeFile(file.Name, file.Length)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A folder that cannot be listed offers nothing; the others may.
            }
        }

        return [.. files.DistinctBy(file => file.Name).OrderBy(file => file.Name, StringComparer.Ordinal)];
    }

    private static bool IsNative(string name) =>
        name.Contains(".so", StringComparison.Ordinal) ||
        name.EndsWith(".dylib", StringComparison.Ordinal) ||
        name.EndsWith(".dll", StringComparison.Ordinal);
}
