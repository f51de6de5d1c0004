using DenseConnector.Configuration;

namespace DenseConnector.Text;

/// <summary>Reads <c>tokenizer.json</c>, the file of Hugging Face tokenizers, where it is byte-level.</summary>
/// <remarks>
/// What would change the ids and is not supported is refused, so that no text is ever split differently from the
/// reference.
/// </remarks>
internal static class TokenizerJson
{
    /// <summary>The file's name.</summary>
    public const string FileName = "tokenizer.json";

    /// <summary>Reads a file.</summary>
    /// <exception cref="CheckpointException">The file cannot be read or is damaged.</exception>
    /// <exception cref="ModelConfigException">It asks for what is not supported.</exception>
    public static ByteLevelModel Load(string path) => Read(TokenizerJsonFile.Load(path));

    /// <summary>Reads a file's content.</summary>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="bytes">Its content.</param>
    /// <exception cref="CheckpointException">The content is damaged.</exception>
    /// <exception cref="ModelConfigException">It asks for what is not supported.</exception>
    public static ByteLevelModel Parse(string file, byte[] bytes) => Read(TokenizerJsonFile.Parse(file, bytes));

    /// <summary>Reads what a file says.</summary>
    /// <exception cref="CheckpointException">The vocabulary is damaged.</exception>
    /// <exception cref="ModelConfigException">It asks for what is not supported.</exception>
    public static ByteLevelModel Read(TokenizerJsonFile file)
    {
        ConfigJson settings = file.Settings;
        ConfigJson model = file.CheckModel();
        CheckSupported(settings, model);
        PreTokenizerSettings splitting = PreTokenizerSettings.Read(settings);
        PostProcessorSettings frame = PostProcessorSettings.Read(settings);
        return new ByteLevelModel(file.ReadVocabulary().Complete(), splitting.Scanner)
        {
            AddsPrefixSpace = splitting.AddsPrefixSpace,
            Normalizes = settings.Object("normalizer") is not null,
            IgnoresMerges = model.Bool("ignore_merges", false),
            Before = frame.Before,
            After = frame.After,
            AddedTokens = AddedTokenReader.ReadList(settings, "added_tokens"),
        };
    }

    private static void CheckSupported(ConfigJson settings, ConfigJson model)
    {
        if (model.Bool("byte_fallback", false))
        {
            throw model.Unsupported("byte_fallback", "true", "false with a 'ByteLevel' decoder");
        }

        if (settings.Object("normalizer")?.String("type") is var normalizer && normalizer is not (null or "NFC"))
        {
            throw settings.Unsupported("normalizer", $"a '{normalizer}'", "null and an 'NFC'");
        }

        if (settings.Object("decoder")?.String("type") is var decoder && decoder != "ByteLevel")
        {
            throw settings.Unsupported("decoder", decoder is null ? "missing" : $"a '{decoder}'", "a 'ByteLevel'");
        }
    }
}
