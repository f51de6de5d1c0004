namespace DenseConnector.Text;

/// <summary>A checkpoint's tokenizer with what the rest of the library asks about it.</summary>
/// <remarks>Immutable and thread-safe; decoders are made anew for each answer.</remarks>
internal sealed class LoadedTokenizer
{
    private readonly CheckpointTokenizer _tokenizer;

    /// <summary>Wraps a tokenizer.</summary>
    public LoadedTokenizer(CheckpointTokenizer tokenizer) => _tokenizer = tokenizer;

    /// <summary>Text to ids and back.</summary>
    public CheckpointTokenizer Tokenizer => _tokenizer;

    /// <summary>The id that starts a text, if there is one.</summary>
    public int? BosId => _tokenizer.BosId;

    /// <summary>The id that ends an answer, if there is one.</summary>
    public int? EosId => _tokenizer.EosId;

    /// <summary>Whether every encoded text starts with <see cref="BosId"/>.</summary>
    public bool AddsBos => _tokenizer.AddsBos;

    /// <summary>How many tokens there are, added ones included: <c>len(tokenizer)</c> of the reference.</summary>
    public int VocabularySize => _tokenizer.VocabularySize;

    /// <summary>
    /// The id of a token by its exact string (<c>&lt;|im_end|&gt;</c>), or <c>null</c> if the vocabulary has none.
    /// </summary>
    public int? IdOf(string token) => _tokenizer.IdOf(token);

    /// <summary>A decoder for one answer; special tokens are left out of its text.</summary>
    public StreamingDecoder CreateDecoder() => _tokenizer.CreateDecoder();
}
