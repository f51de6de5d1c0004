using DenseConnector.Configuration;

namespace DenseConnector.Text;

/// <summary>What <c>pre_tokenizer</c> of a <c>tokenizer.json</c> says.</summary>
/// <param name="Scanner">Splits a text into pieces.</param>
/// <param name="AddsPrefixSpace">Whether a space is put before a text that starts with none.</param>
internal sealed record PreTokenizerSettings(PieceScanner Scanner, bool AddsPrefixSpace)
{
    private const string Forms = "'ByteLevel', and a 'Sequence' of 'Split' and 'ByteLevel'";

    // Written by hand: the expressions of .NET are slower, and see halves of the characters above U+FFFF.
    private static readonly Dictionary<string, PieceScanner> Scanners = new(StringComparer.Ordinal)
    {
        [Gpt2Scanner.Pattern] = Gpt2Scanner.EndOfPiece,
        [Llama3Scanner.Pattern] = Llama3Scanner.EndOfPiece,
        [Qwen2Scanner.Pattern] = Qwen2Scanner.EndOfPiece,
    };

    /// <summary>Reads the settings.</summary>
    /// <param name="file">The whole file.</param>
    /// <exception cref="ModelConfigException">The text is split in a way that is not supported.</exception>
    public static PreTokenizerSettings Read(ConfigJson file)
    {
        ConfigJson settings = file.Object("pre_tokenizer") ??
            throw file.Unsupported("pre_tokenizer", "missing", Forms);
        if (settings.String("type") == "ByteLevel" && settings.Bool("use_regex", true))
        {
            return new PreTokenizerSettings(Gpt2Scanner.EndOfPiece, settings.Bool("add_prefix_space", true));
        }

        if (settings.String("type") != "Sequence" ||
            settings.Objects("pretokenizers") is not [ConfigJson split, ConfigJson bytes])
        {
            throw file.Unsupported("pre_tokenizer", Found(settings), Forms);
        }

        return new PreTokenizerSettings(ReadSplit(split), CheckBytes(bytes));
    }

    private static PieceScanner ReadSplit(ConfigJson split)
    {
        Expect(split, "type", "Split");
        Expect(split, "behavior", "Isolated");
        if (split.Bool("invert", false))
        {
            throw split.Unsupported("invert", "true", "false");
        }

        ConfigJson? pattern = split.Object("pattern");
        string? text = pattern?.String("Regex");
        return text is not null && Scanners.TryGetValue(text, out PieceScanner? scanner) ? scanner
            : throw (pattern ?? split).Unsupported(
                pattern is null ? "pattern" : "Regex",
                text is null ? "missing" : $"the unknown pattern {text}",
                "those of GPT-2, Llama 3 and Qwen2");
    }

    private static bool CheckBytes(ConfigJson bytes)
    {
        Expect(bytes, "type", "ByteLevel");
        foreach (string key in new[] { "use_regex", "add_prefix_space" })
        {
            // Here they would split each piece again, and put a space before each.
            if (bytes.Bool(key, true))
            {
                throw bytes.Unsupported(key, "true", "false behind a 'Split'");
            }
        }

        return false;
    }

    private static void Expect(ConfigJson settings, string key, string value)
    {
        if (settings.String(key) is var found && found != value)
        {
            throw settings.Unsupported(key, found is null ? "missing" : $"'{found}'", $"'{value}'");
        }
    }

    private static string Found(ConfigJson settings) => settings.String("type") switch
    {
        null => "without a type",
        "ByteLevel" => "a 'ByteLevel' without its pattern",
        "Sequence" => "another 'Sequence'",
        string type => $"a '{type}'",
    };
}
