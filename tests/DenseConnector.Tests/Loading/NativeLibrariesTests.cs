using System.Runtime.InteropServices;
using System.Text;
using DenseConnector.Loading;
using TorchSharp;

namespace DenseConnector.Tests.Loading;

public sealed class NativeLibrariesTests
{
    private const string CannotMultiply = "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)";

    private static readonly string Bindings = NativePlatform.Current.Bindings;
    private static readonly string TorchCpu = NativePlatform.Current.TorchCpu;

    [Fact]
    public void EnsureLoaded_InThisProcess_TorchComputesAndItsExceptionsArrive()
    {
        NativeLibraries.EnsureLoaded();
        NativeLibraries.EnsureLoaded();

        using torch.Tensor ones = torch.ones(2, 3);
        using torch.Tensor sum = ones.sum();
        Assert.Equal(6f, sum.item<float>());
        ExternalException thrown = Assert.Throws<ExternalException>(() => torch.mm(ones, ones));
        Assert.Contains(CannotMultiply, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EnsureLoaded_ManyThreadsAtOnce_LoadsOnceWithoutATrace()
    {
        using NativeChildProcess child = new();

        Dictionary<string, string> values = child.Run("load");

        Assert.Equal("6", values["sum"]);
        Assert.Equal("123", values["mapped"]);
        Assert.Contains(CannotMultiply, values["thrown"], StringComparison.Ordinal);
        Assert.Equal(string.Empty, values["other"]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(child.TemporaryFolder));
    }

    [LinuxX64Fact]
    public void EnsureLoaded_Remedy_IsAppliedExactlyWhereTorchSharpAloneFails()
    {
        using NativeChildProcess child = new();

        bool works = bool.Parse(child.Run("torchsharp-alone")["works"]);

        RemedyPlace remedy = Enum.Parse<RemedyPlace>(child.Run("load")["remedy"]);
        Assert.Equal(works ? RemedyPlace.None : RemedyPlace.Memory, remedy);
        NativeReport report = NativeLibraries.Inspect();
        Assert.Equal(!works, report.NeedsRemedy);
        Assert.Equal(!works, report.Libstdcxx < report.RequiredLibstdcxx);
    }

    [LinuxX64Fact]
    public void Load_MemoryFileRefused_LoadsFromATemporaryFileAndDeletesIt()
    {
        using NativeChildProcess child = new();

        Dictionary<string, string> values = child.Run("load-without-memory-file");

        Assert.Equal("none", values["error"]);
        Assert.Equal("6", values["sum"]);
        Assert.Equal("123", values["mapped"]);
        Assert.Contains(CannotMultiply, values["thrown"], StringComparison.Ordinal);
        Assert.Equal(
            NativeLibraries.Inspect().NeedsRemedy ? RemedyPlace.TemporaryFile : RemedyPlace.None,
            Enum.Parse<RemedyPlace>(values["remedy"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(child.TemporaryFolder));
    }

    [LinuxX64Fact]
    public void Load_BothPlacesRefused_SaysWhyAndNamesTheSetting()
    {
        using NativeChildProcess child = new();

        string error = child.Run("load-without-memory-file", Path.Combine(child.TemporaryFolder, "absent"))["error"];

        if (NativeLibraries.Inspect().NeedsRemedy)
        {
            Assert.Contains(NativeLoader.MendedVersion, error, StringComparison.Ordinal);
            Assert.Contains("TMPDIR", error, StringComparison.Ordinal);
            Assert.Contains(Path.Combine(child.TemporaryFolder, "absent"), error, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal("none", error);
        }
    }

    [LinuxX64Fact]
    public void EnsureLoaded_LibrariesBesideTheApplicationWithoutDependencyFile_Loads()
    {
        using NativeChildProcess child = new(without: []);

        Dictionary<string, string> values = child.Run("load");

        Assert.Equal("6", values["sum"]);
        Assert.Equal("123", values["mapped"]);
        Assert.Equal(string.Empty, values["other"]);
    }

    [LinuxX64Fact]
    public void EnsureLoaded_NoNativeLibraries_NamesThePackage()
    {
        using NativeChildProcess child = new(without: [Bindings, TorchCpu, "libtorch.so", "libc10.so"]);

        string error = AssertFails(child, Bindings);

        Assert.Contains("Add the package libtorch-cpu-linux-x64 2.10.0", error, StringComparison.Ordinal);
        Assert.Contains(child.Application, error, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void EnsureLoaded_NoLibtorch_NamesThePackage()
    {
        using NativeChildProcess child = new(without: [TorchCpu]);

        string error = AssertFails(child, TorchCpu);

        Assert.Contains("no native libtorch", error, StringComparison.Ordinal);
        Assert.Contains("libtorch-cpu-linux-x64 2.10.0 (or TorchSharp-cuda-linux", error, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void EnsureLoaded_LibraryOfLibtorchMissing_NamesIt()
    {
        using NativeChildProcess child = new(without: ["libc10.so"]);

        Assert.Contains("libc10.so", AssertFails(child, "libtorch.so"), StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void EnsureLoaded_LibraryOfAnotherProcessor_SaysWhichOne()
    {
        using NativeChildProcess child = new(without: [Bindings]);
        byte[] bytes = ReadBindings();
        bytes[18] = (byte)ElfHeader.Arm64;
        child.Write(Bindings, bytes);

        string error = AssertFails(child, Bindings);

        Assert.Contains("made for Arm64, this process runs on x86-64", error, StringComparison.Ordinal);
        Assert.Contains("linux-x64", error, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void EnsureLoaded_EmptyFile_SaysItIsDamaged()
    {
        using NativeChildProcess child = new(without: [Bindings]);
        child.Write(Bindings, []);

        string error = AssertFails(child, Bindings);

        Assert.Contains("the file is damaged", error, StringComparison.Ordinal);
        Assert.Contains("it has 0 bytes", error, StringComparison.Ordinal);
        Assert.Contains("restore", error, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void EnsureLoaded_IncompleteLibtorch_SaysHowMuchIsMissing()
    {
        using NativeChildProcess child = new(without: [TorchCpu]);
        byte[] start = new byte[1 << 16];
        using (FileStream whole = File.OpenRead(Path.Combine(NativeChildProcess.NativeFolder, TorchCpu)))
        {
            whole.ReadExactly(start);
        }

        child.Write(TorchCpu, start);

        string error = AssertFails(child, TorchCpu);

        Assert.Contains("it has 65,536 bytes, its headers ask for", error, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void EnsureLoaded_OtherVersionMissing_NamesItAndLeavesTheLibraryAlone()
    {
        using NativeChildProcess child = new(without: [Bindings]);
        byte[] bytes = ReadBindings();
        int name = bytes.AsSpan().IndexOf("GLIBC_2.34\0"u8);
        Encoding.ASCII.GetBytes("GLIBC_9.34", bytes.AsSpan(name));
        child.Write(Bindings, bytes);

        string error = AssertFails(child, Bindings);

        Assert.Contains("GLIBC_9.34 of libc.so.6", error, StringComparison.Ordinal);
        Assert.Contains("Use a newer system", error, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void EnsureLoaded_TorchSharpFailedBefore_SaysThatTheOrderIsWrong()
    {
        using NativeChildProcess child = new();

        Dictionary<string, string> values = child.Run("torchsharp-first");

        if (bool.Parse(values["works"]))
        {
            Assert.Equal("none", values["error"]);
        }
        else
        {
            Assert.Contains("before the application's own first use", values["error"], StringComparison.Ordinal);
        }
    }

    [LinuxX64Fact]
    public void EnsureCudaLoaded_CudaLibraryWithoutDriver_CpuWorksAndTheDriverIsNamed()
    {
        using NativeChildProcess child = new(without: []);
        string anyLibrary = Path.Combine(NativeChildProcess.NativeFolder, "libtorch.so");
        child.Write("libtorch_cuda.so", File.ReadAllBytes(anyLibrary));

        Dictionary<string, string> values = child.Run("cuda");

        Assert.Equal("6", values["sum"]);
        Assert.Equal("123", values["mapped"]);
        bool hasDriver = NativeLibrary.TryLoad("libcuda.so.1", out _);
        Assert.Contains(
            hasDriver ? "no CUDA device it can use" : "libcuda.so.1: the application has libtorch with CUDA, but",
            values["error"],
            StringComparison.Ordinal);
        Assert.Contains("set the device to 'cpu'", values["error"], StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void EnsureCudaLoaded_CpuPackage_NamesTheCudaPackage()
    {
        using NativeChildProcess child = new(without: []);

        string error = child.Run("cuda")["error"];

        Assert.StartsWith("libtorch_cuda.so: the application has no libtorch with", error, StringComparison.Ordinal);
        Assert.Contains("TorchSharp-cuda-linux instead of libtorch-cpu-linux-x64", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_InThisProcess_ReportsWhatIsThere()
    {
        NativeReport report = NativeLibraries.Inspect();

        Assert.True(report.IsLoaded, report.Problem);
        Assert.Null(report.Problem);
        Assert.Equal(RuntimeInformation.OSDescription, report.OperatingSystem);
        Assert.Equal(NativePlatform.Current.Rid, report.Platform);
        Assert.StartsWith("0.107", report.TorchSharp, StringComparison.Ordinal);
        Assert.Equal(NativeChildProcess.NativeFolder, report.Folder);
        Assert.Contains(report.Files, file => file.Name == Bindings && file.Bytes > 1_000_000);
        Assert.Contains(report.Files, file => file.Name == TorchCpu && file.Bytes > 100_000_000);
        Assert.Equal(report.HasCuda, report.CudaProblem is null);
    }

    [LinuxX64Fact]
    public void Inspect_OnLinux_KnowsTheVersions()
    {
        NativeReport report = NativeLibraries.Inspect();

        Assert.True(report.Glibc >= new Version(2, 27), $"glibc {report.Glibc}");
        Assert.True(report.Libstdcxx >= new Version(3, 4, 19), $"libstdc++ {report.Libstdcxx}");
        Assert.Equal(new Version(3, 4, 32), report.RequiredLibstdcxx);
        Assert.Equal(report.NeedsRemedy, report.UnmetVersions.Contains("GLIBCXX_3.4.32 of libstdc++.so.6"));
        Assert.Equal(report.NeedsRemedy, report.Remedy != RemedyPlace.None);
    }

    [Fact]
    public void TorchVersion_EqualsTheOneTorchSharpIsBuiltFor()
    {
        NativeLibraries.EnsureLoaded();

        Assert.StartsWith(NativePlatform.TorchVersion, torch.__version__, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("win", Architecture.X64, "LibTorchSharp.dll", "libtorch-cpu-win-x64", "TorchSharp-cuda-windows")]
    [InlineData("win", Architecture.Arm64, "LibTorchSharp.dll", "libtorch-cpu-win-arm64", null)]
    [InlineData("osx", Architecture.Arm64, "libLibTorchSharp.dylib", "libtorch-cpu-osx-arm64", null)]
    [InlineData("osx", Architecture.X64, "libLibTorchSharp.dylib", null, null)]
    [InlineData("linux", Architecture.X64, "libLibTorchSharp.so", "libtorch-cpu-linux-x64", "TorchSharp-cuda-linux")]
    [InlineData("linux", Architecture.Arm64, "libLibTorchSharp.so", null, null)]
    [InlineData("linux-musl", Architecture.X64, "libLibTorchSharp.so", null, null)]
    public void Of_Platform_NamesItsLibrariesAndPackages(
        string system, Architecture architecture, string bindings, string? cpu, string? cuda)
    {
        NativePlatform platform = NativePlatform.Of(system, architecture);

        Assert.Equal(bindings, platform.Bindings);
        Assert.Equal(cpu, platform.CpuPackage);
        Assert.Equal(cuda, platform.CudaPackage);
    }

    /// <summary>The child fails with this library's name, twice in the same words, and prints nothing else.</summary>
    private static string AssertFails(NativeChildProcess child, string library)
    {
        Dictionary<string, string> values = child.Run("fail");
        Assert.StartsWith($"{library}: ", values["error"], StringComparison.Ordinal);
        Assert.Equal(values["error"], values["again"]);
        Assert.Equal(values["error"], values["report"]);
        Assert.Equal(string.Empty, values["other"]);
        return values["error"];
    }

    private static byte[] ReadBindings() => File.ReadAllBytes(Path.Combine(NativeChildProcess.NativeFolder, Bindings));
}
