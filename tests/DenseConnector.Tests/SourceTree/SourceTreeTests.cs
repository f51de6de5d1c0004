using System.Text.RegularExpressions;

namespace DenseConnector.Tests.SourceTree;

/// <summary>The rules of the source tree that no compiler checks.</summary>
public sealed partial class SourceTreeTests
{
    private const string Torch = "torch";

    /// <summary>Who may use whom: for each folder, the folders its files may name.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Configuration"] = [],
        ["Catalog"] = [],
        ["Hub"] = [],
        ["Imaging"] = ["Configuration"],
        ["Text"] = ["Configuration"],
        ["Kernels"] = [],
        ["Loading"] = ["Configuration", "Kernels", Torch],
        ["Layers"] = ["Kernels", "Loading", Torch],
        ["Connectors"] = ["Layers", "Loading", Torch],
        ["Vision"] = ["Configuration", "Connectors", "Layers", "Loading", Torch],
        ["Decoders"] = ["Configuration", "Kernels", "Layers", "Loading", Torch],
        ["Multimodal"] = ["Configuration", "Connectors", "Decoders", "Imaging", "Loading", "Text", "Vision", Torch],
        ["Diagnostics"] = [],
        ["Generation"] = ["Decoders", "Diagnostics", "Imaging", "Multimodal", "Text", Torch],
        ["Chat"] = ["Imaging", "Text"],
    };

    public static TheoryData<string> Folders => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Folder_UsesOnlyWhatTheArchitectureAllows(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(
            Path.Combine(LibrarySource.Folder, folder), "*.cs", SearchOption.AllDirectories))
        {
            IEnumerable<string> used = Usings().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)
                .Select(name => name.StartsWith("TorchSharp", StringComparison.Ordinal) ? Torch
                    : name.StartsWith("DenseConnector.", StringComparison.Ordinal) ? name.Split('.')[1]
                    : string.Empty)
                .Where(name => name.Length > 0 && name != folder);
            Assert.All(used, name => Assert.True(
                Allowed[folder].Contains(name),
                $"{Path.GetRelativePath(LibrarySource.Folder, file)} uses {name}, which {folder} may not."));
        }
    }

    [Fact]
    public void EveryFolder_IsInTheTable()
    {
        string[] known = [.. Allowed.Keys, "Errors", "bin", "obj"];
        Assert.Empty(Directory.EnumerateDirectories(LibrarySource.Folder).Select(Path.GetFileName).Except(known));
    }

    [Fact]
    public void SkiaSharp_IsNamedByTheDecoderAlone() =>
        Assert.Equal(["ImageDecoder.cs"], LibrarySource.Files
            .Where(file => File.ReadAllText(file).Contains("using SkiaSharp", StringComparison.Ordinal))
            .Select(Path.GetFileName));

    [Fact]
    public void NumbersForLibtorch_AreHeldDuringTheCall() =>
        Assert.DoesNotContain(
            LibrarySource.Files.Where(file => Path.GetFileName(file) != "HeldScalars.cs"),
            file => UnheldScalar().IsMatch(File.ReadAllText(file)));

    [Fact]
    public void Library_NeverWritesToTheConsole() =>
        Assert.DoesNotContain(
            LibrarySource.Files, file => File.ReadAllText(file).Contains("Console.", StringComparison.Ordinal));

    [Fact]
    public void Lines_EndByColumn120()
    {
        string[] folders = ["src", "tests", "samples"];
        IEnumerable<string> files = folders
            .SelectMany(folder => Directory.EnumerateFiles(
                Path.Combine(TestData.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains(
                $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        Assert.Empty(files.SelectMany(file => File.ReadLines(file)
            .Select((line, index) => (line, Place: $"{Path.GetRelativePath(TestData.Root, file)}:{index + 1}"))
            .Where(pair => pair.line.Length > 120)
            .Select(pair => pair.Place)));
    }

    [GeneratedRegex(@"^using (?:static )?(?:\w+ = )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Usings();

    // HeldScalars says why.
    [GeneratedRegex(@"\.(add_|sub_|div_|square|full_like|clamp)\(|\barange\(")]
    private static partial Regex UnheldScalar();
}
