using System.Diagnostics;
using System.Runtime.InteropServices;
using DenseConnector.Loading;

namespace DenseConnector.Tests.Loading;

/// <summary>
/// Runs <see cref="NativeChild"/> in a process of its own: in the test's output folder, or in a copy of its managed
/// assemblies to which the test adds the native libraries it wants.
/// </summary>
internal sealed class NativeChildProcess : IDisposable
{

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("denseconnector-tests-");

    /// <summary>The folder of the application's libraries in the tests' own output.</summary>
    public static string NativeFolder { get; } =
        Path.GetDirectoryName(NativeFolders.OfProcess().Find(NativePlatform.Current.Bindings))!;

    /// <summary>The temporary folder that the child process sees.</summary>
    public string TemporaryFolder { get; } = string.Empty;

    /// <summary>A child in the tests' own output folder.</summary>
    public NativeChildProcess()
    {
        Application = AppContext.BaseDirectory;
        TemporaryFolder = _folder.CreateSubdirectory("tmp").FullName;
    }

    /// <summary>A child in a folder with the managed assemblies, complete but for the native libraries named.</summary>
    public NativeChildProcess(params IReadOnlyCollection<string> without)
        : this()
    {
        Application = _folder.CreateSubdirectory("app").FullName;
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory)
            .Where(file => file.EndsWith(".dll", StringComparison.Ordinal) ||
                file.EndsWith("Tests.runtimeconfig.json", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(Application, Path.GetFileName(file)));
        }

        foreach (string library in Directory.EnumerateFiles(NativeFolder)
            .Where(file => !without.Contains(Path.GetFileName(file))))
        {
            File.CreateSymbolicLink(Path.Combine(Application, Path.GetFileName(library)), library);
        }
    }

    /// <summary>The folder the child runs from.</summary>
    public string Application { get; }

    /// <summary>Writes a library into the child's folder.</summary>
    public void Write(string library, byte[] bytes) => File.WriteAllBytes(Path.Combine(Application, library), bytes);

    /// <summary>Runs the child and returns its values; <c>other</c> holds every line that is not one.</summary>
    public Dictionary<string, string> Run(
        string action, string? temporaryFolder = null, IReadOnlyList<string>? arguments = null)
    {
        // The runtime lies in <root>/shared/Microsoft.NETCore.App/<version>/.
        string root = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..");
        ProcessStartInfo start = new(Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,

            // TorchSharp 0.107, left to itself, copies half a gigabyte from the package cache beside its assembly.
            Environment =
            {
                ["TMPDIR"] = temporaryFolder ?? TemporaryFolder,
                ["NUGET_PACKAGES"] = Path.Combine(TemporaryFolder, "no-packages"),
            },
        };
        start.ArgumentList.Add(Path.Combine(Application, "DenseConnector.Tests.dll"));
        foreach (string argument in arguments?.Prepend(action) ?? [action])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"'{action}' ended with {process.ExitCode}: {output} {errors.Result}");

        Dictionary<string, string> values = new() { ["other"] = errors.Result };
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split('=', 2);
            if (parts is [var name, var value] && name.All(char.IsAsciiLetterLower))
            {
                values.Add(name, value);
            }
            else
            {
                values["other"] += line + '\n';
            }
        }

        return values;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
