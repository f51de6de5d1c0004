using System.Diagnostics;
using System.Text.Json;

namespace DenseConnector.Tests;

/// <summary>The build property that picks the native libtorch. CUDA packages are never restored here.</summary>
public sealed class TorchBackendTests
{
    [Theory]
    [InlineData("cuda-linux", "TorchSharp-cuda-linux")]
    [InlineData("cuda-windows", "TorchSharp-cuda-windows")]
    public void TorchBackend_Cuda_ReferencesThatPackageInsteadOfTheCpuOne(string backend, string package)
    {
        Assert.Equal([package], NativePackages("DenseConnector.Cli", $"-p:TorchBackend={backend}"));
    }

    [Fact]
    public void TorchBackend_Default_ReferencesTheCpuPackageOfThisPlatformAlone()
    {
        string system = OperatingSystem.IsWindows() ? "win-x64" : OperatingSystem.IsMacOS() ? "osx-arm64" : "linux-x64";

        Assert.Equal([$"libtorch-cpu-{system}"], NativePackages("DenseConnector.Cli"));
        Assert.Empty(NativePackages("DenseConnector"));
    }

    private static string[] NativePackages(string project, params string[] properties)
    {
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardOutput = true,
            ArgumentList = { "msbuild", Path.Combine(TestData.Root, "src", project), "-getItem:PackageReference" },
        };
        foreach (string property in properties)
        {
            start.ArgumentList.Add(property);
        }

        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output);
        return [.. JsonDocument.Parse(output).RootElement.GetProperty("Items").GetProperty("PackageReference")
            .EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!)
            .Where(name => name.StartsWith("libtorch", StringComparison.Ordinal) ||
                name.StartsWith("TorchSharp-", StringComparison.Ordinal))];
    }
}
