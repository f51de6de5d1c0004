using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DenseConnector.Tests.SourceTree;

/// <summary>Source code as the compiler understands it, with every name resolved.</summary>
internal static class LibrarySource
{
    // What the project file adds to every file of the library.
    private const string GlobalUsings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    /// <summary>
    /// What the tests run on, without the library itself, which would define every type twice. Read once.
    /// </summary>
    private static MetadataReference[] References { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("DenseConnector", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>The library's own folder.</summary>
    public static string Folder { get; } = Path.Combine(TestData.Root, "src", "DenseConnector");

    /// <summary>The library's files, without what a build generates.</summary>
    public static IEnumerable<string> Files => Directory
        .EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
        .Where(file =>
            Path.GetRelativePath(Folder, file).Split(Path.DirectorySeparatorChar)[0] is not ("obj" or "bin"));

    /// <summary>The whole library; paths are relative to its folder, with slashes.</summary>
    public static CSharpCompilation Compile() => Compile([.. Files.Select(file => (
        Path.GetRelativePath(Folder, file).Replace(Path.DirectorySeparatorChar, '/'), File.ReadAllText(file)))]);

    /// <summary>Files by path and text, against the assemblies the tests run on.</summary>
    public static CSharpCompilation Compile(params IReadOnlyList<(string Path, string Text)> files)
    {
        CSharpParseOptions language = new(LanguageVersion.Latest);
        return CSharpCompilation.Create(
            "DenseConnector",
            files.Append((Path: "GlobalUsings.cs", Text: GlobalUsings))
                .Select(file => CSharpSyntaxTree.ParseText(file.Text, language, file.Path)),
            References,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                allowUnsafe: true,
                nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>
    /// What the compiler rejects, but for members whose bodies generators write (<c>GeneratedRegex</c> and the like).
    /// </summary>
    public static IEnumerable<Diagnostic> Errors(CSharpCompilation compilation) => compilation.GetDiagnostics()
        .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error && diagnostic.Id != "CS8795");
}
