using System.Text.Json;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

/// <summary>Reads the recorded tokenizer data, and tokenizers under either rule of <c>legacy</c>.</summary>
internal static class Golden
{
    /// <summary>Where tokenizer data is looked for, with every subfolder that holds cases.</summary>
    public static IReadOnlyList<string> TokenizerFolders(string root)
    {
        string[] folders = [.. Directory.GetDirectories(root)
            .Where(folder => File.Exists(Path.Combine(folder, "cases.jsonl")))
            .Order(StringComparer.Ordinal)];
        Assert.True(folders.Length > 0, $"{root} holds no tokenizer folder (one with cases.jsonl).");
        return folders;
    }

    /// <summary>Whether the folder's tokenizer is one of the byte-level kind, which cannot be loaded yet.</summary>
    public static bool IsByteLevel(string folder) =>
        !File.Exists(Path.Combine(folder, "tokenizer.model")) &&
        (File.Exists(Path.Combine(folder, "tokenizer.json")) || File.Exists(Path.Combine(folder, "vocab.json")));

    /// <summary>Reads one JSON value a line; lines end by \n only, since texts hold other line separators.</summary>
    public static IReadOnlyList<JsonElement> Lines(string path) =>
        [.. File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];

    /// <summary>Reads a whole JSON file.</summary>
    public static JsonElement Json(string path) => Parse(File.ReadAllText(path));

    /// <summary>Loads a tokenizer, under the rules the folder asks for or under the other ones.</summary>
    public static SentencePieceBpe Load(string folder, bool? legacy = null)
    {
        TokenizerSettings settings = TokenizerSettings.Read(folder);
        return new SentencePieceBpe(
            SentencePieceModel.Load(Path.Combine(folder, "tokenizer.model")),
            settings with { Legacy = legacy ?? settings.Legacy });
    }

    /// <summary>An array of ids.</summary>
    public static int[] Ids(JsonElement value) => [.. value.EnumerateArray().Select(id => id.GetInt32())];

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
