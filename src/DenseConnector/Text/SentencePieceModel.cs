using System.Globalization;
using System.Text;

namespace DenseConnector.Text;

/// <summary>
/// What a <c>tokenizer.model</c> file says: the pieces and the few settings that change how text is split.
/// </summary>
/// <remarks>
/// Accepted are BPE models whose normaliser changes nothing but spaces, which is what the Llama and Yi families use.
/// Everything else is refused when the file is read, so that no text is ever split differently from the reference.
/// The format is <c>sentencepiece_model.proto</c> of google/sentencepiece. Immutable.
/// </remarks>
internal sealed record SentencePieceModel
{
    /// <summary>The character that stands for a space within pieces.</summary>
    public const char Space = '\u2581';

    private const int MaxPieces = 1 << 20;
    private const int MaxPieceChars = 512;
    private const ulong Unigram = 1, Bpe = 2;

    // Rejects what is not UTF-8 instead of replacing it: two damaged pieces must not become one.
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly List<SentencePiece> _pieces = [];
    private readonly Dictionary<string, int> _ordinary = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _reserved = new(StringComparer.Ordinal);

    private SentencePieceModel(string file) => File = file;

    /// <summary>The file's name as errors show it.</summary>
    public string File { get; }

    /// <summary>The vocabulary; a piece's id is its index.</summary>
    public IReadOnlyList<SentencePiece> Pieces => _pieces;

    /// <summary>Ids of the pieces that text can be merged into: normal, user-defined and unused ones.</summary>
    public Dictionary<string, int> Ordinary => _ordinary;

    /// <summary>Ids of the pieces that text never becomes by merging: unknown, control and byte pieces.</summary>
    public IReadOnlyDictionary<string, int> Reserved => _reserved;

    /// <summary>Id of the piece for what the vocabulary does not have.</summary>
    public int UnknownId { get; private set; } = -1;

    /// <summary>What the unknown piece is decoded to.</summary>
    public string UnknownSurface { get; private set; } = " \u2047 ";

    /// <summary>Ids of the 256 byte pieces, or <c>null</c> if unknown characters become the unknown piece.</summary>
    public IReadOnlyList<int>? ByteIds { get; private set; }

    /// <summary>Whether a space is put before the text.</summary>
    public bool AddDummyPrefix { get; private set; } = true;

    /// <summary>
    /// For (left, right) pieces the rank of their merge, lower first; <c>null</c> if the scores of the pieces say it.
    /// </summary>
    public IReadOnlyDictionary<(int Left, int Right), int>? MergeRanks { get; private set; }

    /// <summary>Whether a text that is a piece as a whole is that piece, whatever the merges would give.</summary>
    public bool IgnoresMerges { get; init; }

    /// <summary>Reads a model file.</summary>
    /// <exception cref="CheckpointException">
    /// The file cannot be read, is damaged, or is of a kind that is not supported.
    /// </exception>
    public static SentencePieceModel Load(string path) => Parse(path, BoundedFile.Read(path, "a SentencePiece model"));

    /// <summary>Reads a model from memory.</summary>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="bytes">The file's content.</param>
    /// <exception cref="CheckpointException">The bytes are damaged, or of a kind that is not supported.</exception>
    public static SentencePieceModel Parse(string file, ReadOnlySpan<byte> bytes)
    {
        SentencePieceModel model = new(file);
        TrainerSettings trainer = default;
        NormalizerSettings normalizer = NormalizerSettings.Default;
        ProtobufReader reader = new(bytes, file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    model.AddPiece(reader.ReadBytes());
                    break;
                case 2:
                    model.ReadTrainer(reader.ReadBytes(), ref trainer);
                    break;
                case 3:
                    model.ReadNormalizer(reader.ReadBytes(), ref normalizer);
                    break;
                case 5:
                    model.CheckDenormalizer(reader.ReadBytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        model.Check(trainer, normalizer);
        model.AddDummyPrefix = normalizer.AddDummyPrefix;
        return model;
    }

    /// <summary>Makes the model again that a <c>tokenizer.json</c> was converted from.</summary>
    /// <param name="vocabulary">The pieces, and the merges in place of scores.</param>
    /// <param name="unknown">The piece for what the vocabulary does not have.</param>
    /// <param name="added">The added tokens: of those in the vocabulary, control and user-defined pieces.</param>
    /// <param name="byteFallback">Whether unknown characters become byte pieces.</param>
    /// <param name="dummyPrefix">Whether a space is put before the text.</param>
    /// <exception cref="CheckpointException">The vocabulary is not that of such a model.</exception>
    public static SentencePieceModel FromVocabulary(
        BpeVocabulary vocabulary,
        string unknown,
        IReadOnlyDictionary<int, AddedToken> added,
        bool byteFallback,
        bool dummyPrefix)
    {
        SentencePieceModel model = new(vocabulary.File) { AddDummyPrefix = dummyPrefix };
        foreach ((string text, int id) in vocabulary.Ids.OrderBy(token => token.Value))
        {
            if (id != model._pieces.Count || text.Length == 0)
            {
                throw model.Wrong(id != model._pieces.Count
                    ? (FormattableString)$"has no token of the id {model._pieces.Count}, but one of {id}."
                    : $"has an empty token, of the id {id}.");
            }

            AddedToken? token = added.GetValueOrDefault(id) is { } found && found.Content == text ? found : null;
            SentencePieceType type = text == unknown ? SentencePieceType.Unknown
                : byteFallback && IsByteName(text) ? SentencePieceType.Byte
                : token is null ? SentencePieceType.Normal
                : token.Special ? SentencePieceType.Control
                : SentencePieceType.UserDefined;
            model.UnknownId = type == SentencePieceType.Unknown ? id : model.UnknownId;
            bool ordinary = type is SentencePieceType.Normal or SentencePieceType.UserDefined;
            (ordinary ? model._ordinary : model._reserved).Add(text, id);
            model._pieces.Add(new SentencePiece(text, 0, type));
        }

        if (model.UnknownId < 0)
        {
            throw model.Wrong($"has the unknown token '{Shown(unknown)}', but not in its vocabulary.");
        }

        model.ByteIds = byteFallback ? model.FindBytes() : null;
        model.MergeRanks = vocabulary.Pairs.ToDictionary(pair => pair.Key, pair => pair.Value.Rank);
        return model;
    }

    private void AddPiece(ReadOnlySpan<byte> message)
    {
        int id = _pieces.Count;
        if (id == MaxPieces)
        {
            throw Wrong($"has more than {MaxPieces:N0} pieces, which is not supported.");
        }

        ReadOnlySpan<byte> text = default;
        float score = 0;
        ulong type = (ulong)SentencePieceType.Normal;
        ProtobufReader reader = new(message, File);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    text = reader.ReadBytes();
                    break;
                case 2:
                    score = reader.ReadSingle();
                    break;
                case 3:
                    type = reader.ReadNumber();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (type is < (ulong)SentencePieceType.Normal or > (ulong)SentencePieceType.Byte)
        {
            throw Wrong($"gives piece {id} the type {type}, expected 1 to 6.");
        }

        if (!float.IsFinite(score))
        {
            throw Wrong($"gives piece {id} the score {score}, expected a finite number.");
        }

        SentencePiece piece = new(PieceText(text, id), score, (SentencePieceType)type);
        bool ordinary = piece.Type is
            SentencePieceType.Normal or SentencePieceType.UserDefined or SentencePieceType.Unused;
        if (!(ordinary ? _ordinary : _reserved).TryAdd(piece.Text, id))
        {
            throw Wrong($"defines the piece '{Shown(piece.Text)}' of id {id} a second time.");
        }

        if (piece.Type == SentencePieceType.Unknown)
        {
            UnknownId = UnknownId < 0
                ? id
                : throw Wrong($"has two unknown pieces, {UnknownId} and {id}, expected one.");
        }

        _pieces.Add(piece);
    }

    private string PieceText(ReadOnlySpan<byte> utf8, int id)
    {
        if (utf8.IsEmpty || utf8.Length > 4 * MaxPieceChars)
        {
            throw Wrong($"gives piece {id} a text of {utf8.Length:N0} bytes, expected 1 to {4 * MaxPieceChars:N0}.");
        }

        try
        {
            string text = StrictUtf8.GetString(utf8);
            return text.Length <= MaxPieceChars
                ? text
                : throw Wrong($"gives piece {id} {text.Length:N0} characters, supported are {MaxPieceChars:N0}.");
        }
        catch (DecoderFallbackException e)
        {
            throw new CheckpointException(File, string.Create(
                CultureInfo.InvariantCulture, $"piece {id} is not valid UTF-8 ({e.Message})"), e);
        }
    }

    private void ReadTrainer(ReadOnlySpan<byte> message, ref TrainerSettings trainer)
    {
        ProtobufReader reader = new(message, File);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3:
                    trainer.ModelType = reader.ReadNumber();
                    break;
                case 24:
                    trainer.SpaceAsSuffix = reader.ReadBool();
                    break;
                case 35:
                    trainer.ByteFallback = reader.ReadBool();
                    break;
                case 44:
                    UnknownSurface = Encoding.UTF8.GetString(reader.ReadBytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private void ReadNormalizer(ReadOnlySpan<byte> message, ref NormalizerSettings normalizer)
    {
        ProtobufReader reader = new(message, File);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    normalizer.Name = Encoding.UTF8.GetString(reader.ReadBytes());
                    break;
                case 2:
                    normalizer.MapBytes = reader.ReadBytes().Length;
                    break;
                case 3:
                    normalizer.AddDummyPrefix = reader.ReadBool();
                    break;
                case 4:
                    normalizer.RemoveExtraSpaces = reader.ReadBool();
                    break;
                case 5:
                    normalizer.EscapeSpaces = reader.ReadBool();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private void CheckDenormalizer(ReadOnlySpan<byte> message)
    {
        NormalizerSettings denormalizer = NormalizerSettings.Default;
        ReadNormalizer(message, ref denormalizer);
        if (denormalizer.MapBytes > 0)
        {
            throw Wrong($"rewrites decoded text ('{Shown(denormalizer.Name)}'), which is not supported.");
        }
    }

    private void Check(in TrainerSettings trainer, in NormalizerSettings normalizer)
    {
        if (_pieces.Count == 0)
        {
            throw Wrong($"has no pieces. The file is empty, damaged or not a SentencePiece model.");
        }

        // Absent means unigram, as the format's own default says.
        ulong type = trainer.ModelType ?? Unigram;
        if (type != Bpe)
        {
            string found = type switch { Unigram => "unigram", 3 => "word", 4 => "character", _ => $"number {type}" };
            throw new CheckpointException(File, $"is a SentencePiece model of type '{found}', supported is 'bpe'.")
            {
                Expected = "bpe",
                Found = found,
            };
        }

        if (normalizer.MapBytes > 0)
        {
            throw Wrong($"normalises text by '{Shown(normalizer.Name)}', supported is 'identity'.");
        }

        if (normalizer.RemoveExtraSpaces || !normalizer.EscapeSpaces || trainer.SpaceAsSuffix)
        {
            string setting = normalizer.RemoveExtraSpaces ? "remove_extra_whitespaces = true"
                : !normalizer.EscapeSpaces ? "escape_whitespaces = false"
                : "treat_whitespace_as_suffix = true";
            throw Wrong($"has {setting}, which is not supported.");
        }

        if (UnknownId < 0)
        {
            throw Wrong($"has no unknown piece, expected one.");
        }

        ByteIds = trainer.ByteFallback ? FindBytes() : null;
        if (ByteIds is null && _pieces.FindIndex(piece => piece.Type == SentencePieceType.Byte) is int id && id >= 0)
        {
            throw Wrong($"has the byte piece '{Shown(_pieces[id].Text)}' of id {id}, but byte_fallback is false.");
        }
    }

    private int[] FindBytes()
    {
        int[] ids = new int[256];
        for (int value = 0; value < ids.Length; value++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");
            ids[value] = _reserved.TryGetValue(name, out int id) && _pieces[id].Type == SentencePieceType.Byte
                ? id
                : throw Wrong($"has byte_fallback = true, but no byte piece '{name}'.");
        }

        // Any other name would be a byte piece that stands for no byte.
        int found = _pieces.Count(piece => piece.Type == SentencePieceType.Byte);
        return found == ids.Length ? ids : throw Wrong($"has {found:N0} byte pieces, expected 256.");
    }

    private static bool IsByteName(string text) =>
        text.Length == 6 && text.StartsWith("<0x", StringComparison.Ordinal) && text[5] == '>' &&
        char.IsAsciiHexDigitUpper(text[3]) && char.IsAsciiHexDigitUpper(text[4]);

    private static string Shown(string? text) => text is null ? "" : text.Length <= 40 ? text : text[..37] + "...";

    private CheckpointException Wrong(FormattableString problem) => new(File, FormattableString.Invariant(problem));

    /// <summary>What <c>trainer_spec</c> says.</summary>
    private struct TrainerSettings
    {
        public ulong? ModelType;
        public bool ByteFallback;
        public bool SpaceAsSuffix;
    }

    /// <summary>What <c>normalizer_spec</c> says; an absent field has the format's default.</summary>
    private struct NormalizerSettings
    {
        public static readonly NormalizerSettings Default = new()
        {
            AddDummyPrefix = true,
            RemoveExtraSpaces = true,
            EscapeSpaces = true,
        };

        public string? Name;
        public int MapBytes;
        public bool AddDummyPrefix;
        public bool RemoveExtraSpaces;
        public bool EscapeSpaces;
    }
}
