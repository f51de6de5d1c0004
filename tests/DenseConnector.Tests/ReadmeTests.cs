using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DenseConnector.Tests;

/// <summary>What the README shows is what is built.</summary>
public sealed partial class ReadmeTests
{
    private const string GlobalUsings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static string Readme { get; } =
        File.ReadAllText(Path.Combine(TestData.Root, "README.md")).ReplaceLineEndings("\n");

    public static TheoryData<string> Snippets => [.. Snippet().Matches(Readme).Select(match => match.Groups[1].Value)];

    [Theory]
    [MemberData(nameof(Snippets))]
    public void Snippet_AsAProgram_Compiles(string snippet)
    {
        string assemblies = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        CSharpCompilation program = CSharpCompilation.Create(
            "Snippet",
            [CSharpSyntaxTree.ParseText(snippet), CSharpSyntaxTree.ParseText(GlobalUsings)],
            assemblies.Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(
                OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));

        Assert.Empty(program.GetDiagnostics().Where(problem => problem.Severity >= DiagnosticSeverity.Warning));
    }

    [Fact]
    public void Snippets_OfTheReadme_AreFound() => Assert.Equal(3, Snippets.Count);

    [Fact]
    public void Program_IsTheDescribeSample()
    {
        string sample = File.ReadAllText(Path.Combine(TestData.Root, "samples", "Describe", "Program.cs"));
        Assert.Contains($"```csharp\n{sample}```", Readme, StringComparison.Ordinal);
    }

    [GeneratedRegex("^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
