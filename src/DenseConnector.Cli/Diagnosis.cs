using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using DenseConnector.Cli.Memory;
using DenseConnector.Hub;
using DenseConnector.Loading;

namespace DenseConnector.Cli;

/// <summary>What <c>doctor</c> shows of a machine.</summary>
/// <param name="Tool">The tool's version.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="Native">The native libraries.</param>
/// <param name="Cores">Processors this process may use.</param>
/// <param name="CpuFeatures">Vector instructions that speed up inference, as far as this processor has them.</param>
/// <param name="MemoryBytes">Memory this process may use.</param>
/// <param name="ModelCache">The folder downloads go to, shared with other tools.</param>
/// <param name="CachedModels">How many repositories it holds.</param>
/// <param name="BundledModel">
/// The folder of the model that comes with the tool, or <c>null</c> if it is not there.
/// </param>
internal sealed record Diagnosis(
    string Tool,
    string Runtime,
    NativeReport Native,
    int Cores,
    IReadOnlyList<string> CpuFeatures,
    long MemoryBytes,
    string ModelCache,
    int CachedModels,
    string? BundledModel)
{
    /// <summary>Looks at this machine.</summary>
    public static Diagnosis Make()
    {
        string cache = HubSettings.Resolve(new HubOptions(), Environment.GetEnvironmentVariable).CacheFolder;
        return new Diagnosis(
            typeof(Diagnosis).Assembly.GetName().Version!.ToString(3),
            RuntimeInformation.FrameworkDescription,
            NativeLibraries.Inspect(),
            Environment.ProcessorCount,
            [.. FindFeatures()],
            MachineMemory.Total,
            cache,
            Directory.Exists(cache) ? Directory.EnumerateDirectories(cache, "models--*").Count() : 0,
            FindBundledModel());
    }

    /// <summary>Prints the diagnosis for people.</summary>
    public void Print(TextWriter output)
    {
        Line("tool", $"{Tool} on {Runtime}");
        string glibc = Native.Glibc is null ? string.Empty : $", glibc {Native.Glibc}";
        Line("system", $"{Native.OperatingSystem}, {Native.Platform}{glibc}");
        string features = CpuFeatures.Count == 0 ? "no vector extensions" : string.Join(", ", CpuFeatures);
        Line("processor", $"{Cores} cores; {features}");
        Line("memory", string.Create(CultureInfo.InvariantCulture, $"{MemoryBytes / (double)(1 << 30):F1} GiB"));
        Line("TorchSharp", $"{Native.TorchSharp}, native libraries in {Native.Folder ?? "no folder: not found"}");
        if (Native.RequiredLibstdcxx is not null)
        {
            string remedy = Native.NeedsRemedy ? $"; mended in this process ({Native.Remedy})" : string.Empty;
            Line("libstdc++", $"offers GLIBCXX_{Native.Libstdcxx}, TorchSharp asks for " +
                $"GLIBCXX_{Native.RequiredLibstdcxx}{remedy}");
        }

        Line("libtorch", Native.Problem is null ? "loads and computes" : $"does not load. {Native.Problem}");
        Line("CUDA", Native.HasCuda ? "usable" : Native.CudaProblem ?? "not looked for");
        Line("model cache", $"{ModelCache}: {CachedModels} repositories");
        Line("bundled model", BundledModel ?? "not beside the tool");
        Line("verdict", Native.IsLoaded ? "models can run on this machine" : "models cannot run until libtorch loads");

        void Line(string label, string value) => output.WriteLine($"{label,-14} {value}");
    }

    private static IEnumerable<string> FindFeatures()
    {
        (string Name, bool Has)[] features =
        [
            ("AVX2", Avx2.IsSupported),
            ("FMA", Fma.IsSupported),
            ("AVX-512F", Avx512F.IsSupported),
            ("AVX-512BW", Avx512BW.IsSupported),
            ("AVX-512VBMI", Avx512Vbmi.IsSupported),
            ("AVX-VNNI", AvxVnni.IsSupported),
            ("NEON", System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported),
        ];
        return features.Where(feature => feature.Has).Select(feature => feature.Name);
    }

    private static string? FindBundledModel()
    {
        try
        {
            return ModelFolder.Find(Commands.ModelArguments.Bundled).Path;
        }
        catch (CheckpointException)
        {
            return null;
        }
    }
}
