namespace DenseConnector.Text;

/// <summary>Finds out which kind of tokenizer a checkpoint folder has, and loads it.</summary>
internal static class TokenizerLoader
{
    private const string SentencePieceFile = "tokenizer.model";

    /// <summary>Loads the tokenizer of a checkpoint folder.</summary>
    /// <param name="folder">
    /// A folder with <c>tokenizer.model</c>, else <c>tokenizer.json</c>, else <c>vocab.json</c> and <c>merges.txt</c>;
    /// <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c> and <c>added_tokens.json</c> are read where
    /// present.
    /// </param>
    /// <exception cref="CheckpointException">
    /// There is no tokenizer, or it is damaged or of a kind that is not supported.
    /// </exception>
    /// <exception cref="ModelConfigException">A JSON file is malformed, or asks for what is not supported.</exception>
    public static LoadedTokenizer Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return new LoadedTokenizer(LoadKind(folder));
    }

    private static CheckpointTokenizer LoadKind(string folder)
    {
        string model = Path.Combine(folder, SentencePieceFile);
        if (File.Exists(model))
        {
            // The settings first: they say whether the model file is of this kind at all.
            TokenizerSettings settings = TokenizerSettings.Read(folder);
            return new SentencePieceBpe(SentencePieceModel.Load(model), settings);
        }

        string json = Path.Combine(folder, TokenizerJson.FileName);
        if (File.Exists(json))
        {
            TokenizerJsonFile file = TokenizerJsonFile.Load(json);
            return SentencePieceJson.IsOf(file.Settings)
                ? ReadSentencePiece(folder, SentencePieceJson.Read(file))
                : new ByteLevelBpe(
                    TokenizerJson.Read(file), TokenizerSettings.ReadByteLevel(folder, gpt2Files: false));
        }

        if (File.Exists(Path.Combine(folder, Gpt2Files.VocabularyName)))
        {
            TokenizerSettings settings = TokenizerSettings.ReadByteLevel(folder, gpt2Files: true);
            return new ByteLevelBpe(Gpt2Files.Load(folder, settings.IsQwen2), settings);
        }

        throw new CheckpointException(
            folder,
            $"has no tokenizer, expected {SentencePieceFile}, {TokenizerJson.FileName}, or " +
            $"{Gpt2Files.VocabularyName} with {Gpt2Files.MergesName}. Give the folder of a complete checkpoint.");
    }

    private static SentencePieceBpe ReadSentencePiece(string folder, SentencePieceJson json) =>
        new(json.Model, TokenizerSettings.ReadConverted(folder, json));
}
