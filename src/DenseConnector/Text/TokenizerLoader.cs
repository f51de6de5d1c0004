namespace DenseConnector.Text;

/// <summary>Finds out which kind of tokenizer a checkpoint folder has, and loads it.</summary>
internal static class TokenizerLoader
{
    private const string SentencePieceFile = "tokenizer.model";

    private static readonly string[] ByteLevelFiles = ["tokenizer.json", "vocab.json"];

    /// <summary>Loads the tokenizer of a checkpoint folder.</summary>
    /// <param name="folder">
    /// A folder with <c>tokenizer.model</c>; <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c> and
    /// <c>added_tokens.json</c> are read where present.
    /// </param>
    /// <exception cref="CheckpointException">
    /// There is no tokenizer, or it is damaged or of a kind that is not supported.
    /// </exception>
    /// <exception cref="ModelConfigException">A JSON file is malformed, or asks for what is not supported.</exception>
    public static LoadedTokenizer Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string model = Path.Combine(folder, SentencePieceFile);
        if (File.Exists(model))
        {
            // The settings first: they say whether the model file is of this kind at all.
            TokenizerSettings settings = TokenizerSettings.Read(folder);
            return new LoadedTokenizer(new SentencePieceBpe(SentencePieceModel.Load(model), settings));
        }

        string? byteLevel = ByteLevelFiles.FirstOrDefault(file => File.Exists(Path.Combine(folder, file)));
        throw byteLevel is not null
            ? new CheckpointException(
                folder,
                $"has {byteLevel} but no {SentencePieceFile}: byte-level BPE tokenizers are not supported yet. " +
                "Use a checkpoint of the Llama 2, Vicuna or Yi families.")
            : new CheckpointException(
                folder,
                $"has no tokenizer, expected {SentencePieceFile}. Give the folder of a complete checkpoint.");
    }
}
