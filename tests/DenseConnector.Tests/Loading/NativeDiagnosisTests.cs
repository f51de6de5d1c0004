using System.Runtime.InteropServices;
using DenseConnector.Loading;

namespace DenseConnector.Tests.Loading;

public sealed class NativeDiagnosisTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("denseconnector-tests-");

    [Fact]
    public void Explain_Windows_PointsToTheOpenIssue()
    {
        NativePlatform windows = NativePlatform.Of("win", Architecture.X64);
        Write(windows.Bindings);
        Write(windows.TorchCpu);

        NativeLibraryException error = Explain(windows).ToException();

        Assert.Equal("torch_cpu.dll", error.Library);
        Assert.Contains("does not load", error.Message, StringComparison.Ordinal);
        Assert.Contains("dotnet/TorchSharp issue 1567", error.Remedy, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
    }

    [Theory]
    [InlineData("win", Architecture.X64, "torch_cpu.dll", "libtorch-cpu-win-x64 2.10.0 (or TorchSharp-cuda-windows")]
    [InlineData("osx", Architecture.Arm64, "libtorch_cpu.dylib", "libtorch-cpu-osx-arm64 2.10.0 to")]
    [InlineData("linux", Architecture.X64, "libtorch_cpu.so", "libtorch-cpu-linux-x64 2.10.0 (or TorchSharp-cuda")]
    public void Explain_NoLibtorch_NamesThePlatformsPackage(
        string system, Architecture architecture, string library, string package)
    {
        NativePlatform platform = NativePlatform.Of(system, architecture);
        Write(platform.Bindings);

        NativeFailure failure = Explain(platform);

        Assert.Equal(library, failure.Library);
        Assert.Contains(_folder.FullName, failure.Problem, StringComparison.Ordinal);
        Assert.Contains(package, failure.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux-musl", Architecture.X64, "musl (Alpine)", "glibc")]
    [InlineData("linux", Architecture.Arm64, "published for linux-arm64", "linux-x64 (glibc)")]
    [InlineData("osx", Architecture.X64, "published for osx-x64", "osx-arm64")]
    public void Explain_PlatformWithoutLibtorch_SaysSo(
        string system, Architecture architecture, string problem, string remedy)
    {
        NativeFailure failure = Explain(NativePlatform.Of(system, architecture));

        Assert.Contains(problem, failure.Problem, StringComparison.Ordinal);
        Assert.Contains(remedy, failure.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingCuda_PlatformWithoutCuda_OffersTheCpu()
    {
        NativePlatform mac = NativePlatform.Of("osx", Architecture.Arm64);

        NativeFailure? failure = new NativeDiagnosis(mac, Folders()).MissingCuda();

        Assert.Equal("Set the device to 'cpu': no CUDA package exists for this platform.", failure?.Remedy);
    }

    [Fact]
    public void NotStarted_FunctionMissingInTheLibrary_NamesTheVersionToUse()
    {
        NativeDiagnosis diagnosis = new(NativePlatform.Of("linux", Architecture.X64), Folders());

        EntryPointNotFoundException missing = new("THSTorch_new was not found.\n trace");

        NativeFailure failure = diagnosis.NotStarted(new TypeInitializationException("torch", missing));

        Assert.Equal("TorchSharp 0.107.0 does not start with it: THSTorch_new was not found.", failure.Problem);
        Assert.Contains("2.10.0", failure.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void OfProcess_HostPassesNoFolders_LooksBesideTheApplication()
    {
        IReadOnlyList<string> folders = NativeFolders.From(null).Folders;

        Assert.Equal(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), folders[0]);
        Assert.Contains(folders, folder => folder.EndsWith(
            Path.Combine("runtimes", NativePlatform.Current.Rid, "native"), StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private NativeFailure Explain(NativePlatform platform) => new NativeDiagnosis(platform, Folders()).Explain();

    private NativeFolders Folders() => new([_folder.FullName]);

    private void Write(string name) => File.WriteAllText(Path.Combine(_folder.FullName, name), "not a library");
}
