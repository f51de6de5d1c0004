using DenseConnector.Tests;
using DenseConnector.Tests.Text;
using DenseConnector.Text;

namespace DenseConnector.Benchmarks.Text;

/// <summary>A tokenizer by name.</summary>
/// <param name="Name">What the results call it.</param>
/// <param name="Folder">The folder of its files; <c>null</c> for the one that is made up.</param>
public sealed record Vocabulary(string Name, string? Folder)
{
    /// <summary>
    /// That of the bundled model (SentencePiece), a made-up one (byte-level), and real ones where they are at hand
    /// (<c>DENSECONNECTOR_TOKENIZERS</c>).
    /// </summary>
    public static IReadOnlyList<Vocabulary> All { get; } =
    [
        new("bundled", TestData.TinyModel),
        new("made-up", null),
        .. TestData.TokenizerFolders.SelectMany(Directory.EnumerateDirectories).Order()
            .Select(folder => new Vocabulary(Path.GetFileName(folder), folder)),
    ];

    /// <summary>English prose: what this repository says of itself.</summary>
    internal static string Prose { get; } = Read("README.md") + Read("LICENSE");

    public override string ToString() => Name;

    internal CheckpointTokenizer Load() => Folder is null ? MakeUp() : TokenizerLoader.Load(Folder).Tokenizer;

    /// <summary>Letters join in twos, also behind a space, and the most frequent twos in fours.</summary>
    private static ByteLevelBpe MakeUp()
    {
        const string Letters = "\u0120etaoinshrdlucmfwypvbgkjqxz"; // U+0120 stands for a space.
        string[] pairs = [.. Letters.SelectMany(first => Letters[1..], (first, second) => $"{first}{second}")];
        string[] frequent =
            [.. pairs.OrderBy(pair => Letters.IndexOf(pair[0]) + Letters.IndexOf(pair[1])).Take(60)];
        IEnumerable<string> inside = frequent.Where(pair => pair[0] != Letters[0]);
        return new ByteLevelFile()
            .Merge([.. pairs.Select(pair => (pair[..1], pair[1..]))])
            .Merge([.. frequent.SelectMany(_ => inside, (first, second) => (first, second))])
            .Tokenizer();
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(TestData.Root, file));
}
