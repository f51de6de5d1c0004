using System.Runtime.InteropServices;

namespace DenseConnector.Loading;

/// <summary>The folders in which the runtime looks for this application's native libraries, in its order.</summary>
/// <param name="Folders">Absolute paths; some may not exist.</param>
internal sealed record NativeFolders(IReadOnlyList<string> Folders)
{
    /// <summary>The folders of this process.</summary>
    /// <remarks>
    /// The host passes them to the runtime from the application's dependency file. A single-file application or an
    /// unusual host may pass none; then the libraries lie beside the application or in the layout of a NuGet package.
    /// </remarks>
    public static NativeFolders OfProcess() => From(AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string);

    /// <summary>The folders for what the host passed, if anything.</summary>
    public static NativeFolders From(string? passed)
    {
        string home = AppContext.BaseDirectory;
        IEnumerable<string> folders = (passed ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Append(home)
            .Append(Path.Combine(home, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"))
            .Append(Path.Combine(home, "runtimes", NativePlatform.Current.Rid, "native"));
        return new NativeFolders([.. folders.Select(Path.TrimEndingDirectorySeparator).Distinct()]);
    }

    /// <summary>The first file of this name, or <c>null</c>.</summary>
    public string? Find(string fileName) =>
        Folders.Select(folder => Path.Combine(folder, fileName)).FirstOrDefault(File.Exists);
}
