using System.Runtime.CompilerServices;

namespace DenseConnector.Tests;

/// <summary>
/// Where the golden data lies. Each kind has a copy in <c>tests/Fixtures</c> (made by us), a larger set beside the
/// repository when it is present, and an environment variable that replaces both.
/// </summary>
internal static class TestData
{
    /// <summary>The repository's root folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Folder of the data that is part of the repository.</summary>
    public static string Fixtures { get; } = Path.Combine(Root, "tests", "Fixtures");

    /// <summary>Folder of the bundled tiny model.</summary>
    public static string TinyModel { get; } = Path.Combine(Root, "samples", "models", "dense-connector-tiny");

    /// <summary>
    /// Reference folders: models, towers, inputs, preprocess, prompts.json (<c>DENSECONNECTOR_REFERENCE</c>).
    /// </summary>
    public static IReadOnlyList<string> ReferenceFolders { get; } =
        Folders("DENSECONNECTOR_REFERENCE", Path.Combine(Fixtures, "reference"), Shared("reference"));

    /// <summary>
    /// Tokenizer folders: real vocabularies with expected ids (<c>DENSECONNECTOR_TOKENIZERS</c>); none in the
    /// repository.
    /// </summary>
    public static IReadOnlyList<string> TokenizerFolders { get; } =
        Folders("DENSECONNECTOR_TOKENIZERS", null, Shared("tokenizers"));

    /// <summary>
    /// Folders of questions, pictures and recorded answers for the tiny model (<c>DENSECONNECTOR_TINY_EVAL</c>).
    /// </summary>
    public static IReadOnlyList<string> TinyEvalFolders { get; } =
        Folders("DENSECONNECTOR_TINY_EVAL", Path.Combine(Fixtures, "tiny-eval"), null);

    private static IReadOnlyList<string> Folders(string variable, string? bundled, string? beside)
    {
        string? named = Environment.GetEnvironmentVariable(variable);
        if (!string.IsNullOrEmpty(named))
        {
            // Named but empty or unreadable must fail, not pass: the listing throws for an absent folder.
            return Directory.EnumerateFileSystemEntries(named).Any()
                ? [Path.GetFullPath(named)]
                : throw new DirectoryNotFoundException($"{variable} names '{named}', which is empty.");
        }

        return [.. new[] { bundled, beside }.OfType<string>().Where(Directory.Exists)];
    }

    private static string Shared(string folder) => Path.Combine(Root, "..", "shared", folder);

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DenseConnector.sln")))
            {
                return folder.FullName;
            }
        }

        return Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
    }
}
