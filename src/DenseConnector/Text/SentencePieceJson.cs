using DenseConnector.Configuration;

namespace DenseConnector.Text;

/// <summary>
/// Reads <c>tokenizer.json</c> where it is a SentencePiece BPE that was converted: Llama 2, Vicuna, Yi, Mistral.
/// </summary>
/// <remarks>
/// The conversion is <c>LlamaConverter</c> of transformers: a piece's type becomes an added token, its score the order
/// of the merges, the dummy prefix a <c>Prepend</c> normaliser (legacy rules) or a <c>Metaspace</c> pre-tokenizer (the
/// newer ones). It is undone here, so that the ids are those of the <c>tokenizer.model</c> the file was made from;
/// where Hugging Face's fast tokenizer gives others (a text that starts with a space under the newer rules), the slow
/// one is followed, as everywhere. What the conversion does not write is refused.
/// </remarks>
/// <param name="Model">The vocabulary.</param>
/// <param name="Legacy">Whether a space is put before the text after a special token too.</param>
/// <param name="Before">The token put before every text.</param>
/// <param name="After">The token put after every text.</param>
/// <param name="AddedTokens">Special tokens, and those beyond the vocabulary, by id.</param>
internal sealed record SentencePieceJson(
    SentencePieceModel Model,
    bool Legacy,
    string? Before,
    string? After,
    IReadOnlyDictionary<int, AddedToken> AddedTokens)
{
    private const string Normalizers =
        "null, a 'Replace' of ' ' by '\u2581', and a 'Sequence' of a 'Prepend' of '\u2581' and that";

    private const string Decoders =
        "a 'Metaspace', and a 'Sequence' of a 'Replace' of '\u2581' by ' ', 'ByteFallback', 'Fuse' and a 'Strip' of " +
        "' '";

    private static readonly string Space = SentencePieceModel.Space.ToString();

    /// <summary>Whether a file is of this kind.</summary>
    public static bool IsOf(ConfigJson settings) =>
        settings.Object("decoder")?.String("type") != "ByteLevel" &&
        (settings.Object("model")?.Bool("byte_fallback", false) == true ||
            settings.Object("pre_tokenizer")?.String("type") == "Metaspace");

    /// <summary>Reads what a file says.</summary>
    /// <exception cref="CheckpointException">The vocabulary is damaged.</exception>
    /// <exception cref="ModelConfigException">It asks for what is not supported.</exception>
    public static SentencePieceJson Read(TokenizerJsonFile file)
    {
        ConfigJson settings = file.Settings;
        ConfigJson model = file.CheckModel();
        bool bytes = model.Bool("byte_fallback", false);
        if (!bytes && !model.Bool("fuse_unk", false))
        {
            throw model.Unsupported("fuse_unk", "false", "true, where 'byte_fallback' is false");
        }

        (bool legacy, bool prefix) = ReadSpaces(settings);
        CheckDecoder(settings);
        BpeVocabulary vocabulary = file.ReadVocabulary();
        Dictionary<int, AddedToken> added = AddedTokenReader.ReadList(settings, "added_tokens");
        string unknown = model.String("unk_token") ??
            throw model.Unsupported("unk_token", "missing", "a token of the vocabulary");
        SentencePieceModel pieces = SentencePieceModel.FromVocabulary(vocabulary, unknown, added, bytes, prefix);
        PostProcessorSettings frame = PostProcessorSettings.Read(settings);
        return new SentencePieceJson(
            pieces with { IgnoresMerges = model.Bool("ignore_merges", false) },
            legacy,
            FrameToken(frame.Before),
            FrameToken(frame.After),
            added.Where(token => token.Value.Special || token.Key >= pieces.Pieces.Count).ToDictionary());

        string? FrameToken(IReadOnlyList<int> ids)
        {
            if (ids.Count == 0)
            {
                return null;
            }

            string? text = ids.Count > 1 ? null
                : added.TryGetValue(ids[0], out AddedToken? token) ? token.Content
                : ids[0] < pieces.Pieces.Count ? pieces.Pieces[ids[0]].Text
                : null;
            return text ?? throw settings.Unsupported(
                "post_processor", $"of the ids {string.Join(", ", ids)}", "at most one known id on each side");
        }
    }

    private static (bool Legacy, bool Prefix) ReadSpaces(ConfigJson settings)
    {
        ConfigJson? normalizer = settings.Object("normalizer"), splitting = settings.Object("pre_tokenizer");
        if (splitting is not null)
        {
            if (normalizer is not null)
            {
                throw settings.Unsupported("normalizer", Found(normalizer), "null with a pre-tokenizer");
            }

            return (Legacy: false, ReadMetaspace(settings, splitting));
        }

        IReadOnlyList<ConfigJson> steps = normalizer is null ? []
            : normalizer.String("type") == "Sequence" ? normalizer.Objects("normalizers") ?? []
            : [normalizer];
        bool prepends = steps is [ConfigJson first, ..] && first.String("type") == "Prepend" &&
            first.String("prepend") == Space;
        return steps.Skip(prepends ? 1 : 0).ToArray() is [ConfigJson replace] && Replaces(replace, " ", Space)
            ? (Legacy: true, prepends)
            : throw settings.Unsupported("normalizer", normalizer is null ? "missing" : Found(normalizer), Normalizers);
    }

    private static bool ReadMetaspace(ConfigJson settings, ConfigJson splitting)
    {
        if (splitting.String("type") != "Metaspace")
        {
            throw settings.Unsupported("pre_tokenizer", Found(splitting), "null and a 'Metaspace'");
        }

        if (splitting.String("replacement") is var replacement && replacement != Space)
        {
            throw splitting.Unsupported("replacement", $"'{replacement}'", $"'{Space}'");
        }

        // Absent means true: then no merge crosses a space, which SentencePiece knows nothing of.
        if (splitting.Bool("split", true))
        {
            throw splitting.Unsupported("split", "true", "false");
        }

        return splitting.String("prepend_scheme") switch
        {
            "first" => true,
            "never" => false,
            var scheme => throw splitting.Unsupported(
                "prepend_scheme", scheme is null ? "missing" : $"'{scheme}'", "'first' and 'never'"),
        };
    }

    private static void CheckDecoder(ConfigJson settings)
    {
        ConfigJson? decoder = settings.Object("decoder");
        if (decoder?.String("type") == "Metaspace")
        {
            return;
        }

        IReadOnlyList<ConfigJson> steps =
            decoder?.String("type") == "Sequence" ? decoder.Objects("decoders") ?? [] : [];
        bool known = steps.Count > 0 && Replaces(steps[0], Space, " ") && steps.Skip(1).All(step =>
            step.String("type") is "ByteFallback" or "Fuse" ||
            (step.String("type") == "Strip" && step.String("content") == " " &&
                step.Int("start", 0) == 1 && step.Int("stop", 0) == 0));
        if (!known)
        {
            throw settings.Unsupported("decoder", decoder is null ? "missing" : Found(decoder), Decoders);
        }
    }

    private static bool Replaces(ConfigJson step, string from, string to) =>
        step.String("type") == "Replace" && step.Object("pattern")?.String("String") == from &&
        step.String("content") == to;

    private static string Found(ConfigJson part) => part.String("type") switch
    {
        null => "without a type",
        "Sequence" => "another 'Sequence'",
        string type => $"a '{type}' of other settings",
    };
}
