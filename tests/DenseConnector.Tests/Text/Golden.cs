using System.Text.Json;
using DenseConnector.Configuration;
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

    /// <summary>Whether the folder's tokenizer is one of the byte-level kind.</summary>
    public static bool IsByteLevel(string folder) =>
        !File.Exists(Path.Combine(folder, "tokenizer.model")) &&
        (File.Exists(Path.Combine(folder, "tokenizer.json")) || File.Exists(Path.Combine(folder, "vocab.json")));

    /// <summary>Reads one JSON value a line; lines end by \n only, since texts hold other line separators.</summary>
    public static IReadOnlyList<JsonElement> Lines(string path) =>
        [.. File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];

    /// <summary>Reads a whole JSON file.</summary>
    public static JsonElement Json(string path) => Parse(File.ReadAllText(path));

    /// <summary>Loads a tokenizer, under the rules the folder asks for or under the other ones.</summary>
    public static CheckpointTokenizer Load(string folder, bool? legacy = null)
    {
        if (IsByteLevel(folder))
        {
            return TokenizerLoader.Load(folder).Tokenizer;
        }

        TokenizerSettings settings = TokenizerSettings.Read(folder);
        return new SentencePieceBpe(
            SentencePieceModel.Load(Path.Combine(folder, "tokenizer.model")),
            settings with { Legacy = legacy ?? settings.Legacy });
    }

    /// <summary>Loads a SentencePiece tokenizer from the folder's <c>tokenizer.json</c>.</summary>
    public static SentencePieceBpe LoadConverted(string folder, bool? legacy = null) => LoadConverted(
        folder, TokenizerJsonFile.Load(Path.Combine(folder, TokenizerJson.FileName)), legacy);

    /// <summary>Loads a SentencePiece tokenizer from its model, written as <c>tokenizer.json</c>.</summary>
    public static SentencePieceBpe Convert(string folder, bool? legacy = null)
    {
        SentencePieceModel model = SentencePieceModel.Load(Path.Combine(folder, "tokenizer.model"));
        return LoadConverted(folder, new ConvertedModel(model).ToFile(), legacy);
    }

    private static SentencePieceBpe LoadConverted(string folder, TokenizerJsonFile file, bool? legacy)
    {
        SentencePieceJson json = SentencePieceJson.Read(file);
        TokenizerSettings settings = TokenizerSettings.ReadConverted(folder, json);
        return new SentencePieceBpe(json.Model, settings with { Legacy = legacy ?? settings.Legacy });
    }

    /// <summary>Loads a byte-level tokenizer from <c>vocab.json</c>, though a <c>tokenizer.json</c> be there.</summary>
    public static ByteLevelBpe LoadGpt2Files(string folder) =>
        new(Gpt2Files.Load(folder), TokenizerSettings.ReadByteLevel(folder, gpt2Files: true));

    /// <summary>Loads a byte-level tokenizer with the post-processor of another file.</summary>
    public static ByteLevelBpe LoadWithPostProcessor(string folder, string file)
    {
        string json = $$"""{"post_processor": {{File.ReadAllText(Path.Combine(folder, file))}}}""";
        PostProcessorSettings frame = PostProcessorSettings.Read(
            ConfigJson.Parse(file, System.Text.Encoding.UTF8.GetBytes(json)));
        ByteLevelModel model = TokenizerJson.Load(Path.Combine(folder, TokenizerJson.FileName));
        return new ByteLevelBpe(
            model with { Before = frame.Before, After = frame.After },
            TokenizerSettings.ReadByteLevel(folder, gpt2Files: false));
    }

    /// <summary>An array of ids.</summary>
    public static int[] Ids(JsonElement value) => [.. value.EnumerateArray().Select(id => id.GetInt32())];

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
