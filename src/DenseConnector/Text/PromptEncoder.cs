namespace DenseConnector.Text;

/// <summary>
/// Turns a formatted prompt into ids with a slot for each picture: <c>tokenizer_image_token</c> of the reference.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class PromptEncoder(LoadedTokenizer tokenizer)
{
    /// <summary>What stands for a picture in a prompt's text.</summary>
    public const string ImageMark = "<image>";

    /// <summary>What stands for a picture among the ids; no token has this id.</summary>
    public const int ImageSlot = -200;

    /// <summary>How many pictures a prompt's text has room for.</summary>
    public static int CountSlots(ReadOnlySpan<char> prompt) => prompt.Count(ImageMark);

    /// <summary>Encodes a prompt.</summary>
    /// <remarks>
    /// Every text between marks is encoded by itself, BOS and dummy prefix included. If the first of them starts with
    /// BOS, that id is kept once and the first id of every text is dropped, whatever it is. Where the prompt has its
    /// BOS written out, exactly the BOS that the tokenizer adds to every text is dropped instead.
    /// </remarks>
    /// <param name="prompt">The prompt's text.</param>
    /// <param name="hasBos">
    /// Whether the text has its own BOS, and each id is to be kept: <see cref="PromptTemplate.WritesBosOnce"/>.
    /// </param>
    public int[] Encode(string prompt, bool hasBos = false)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        List<int> ids = [];
        int dropped = hasBos && tokenizer.AddsBos ? 1 : 0;
        ReadOnlySpan<char> rest = prompt;
        for (bool first = true; ; first = false)
        {
            int mark = rest.IndexOf(ImageMark);
            IReadOnlyList<int> chunk = tokenizer.Tokenizer.EncodeToIds(mark < 0 ? rest : rest[..mark]);
            if (first && !hasBos && chunk.Count > 0 && chunk[0] == tokenizer.BosId)
            {
                dropped = 1;
                ids.Add(chunk[0]);
            }

            ids.AddRange(chunk.Skip(dropped));
            if (mark < 0)
            {
                return [.. ids];
            }

            ids.Add(ImageSlot);
            rest = rest[(mark + ImageMark.Length)..];
        }
    }
}
