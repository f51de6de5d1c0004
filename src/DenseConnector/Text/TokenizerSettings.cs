using System.Globalization;
using System.Text.Json;
using DenseConnector.Configuration;

namespace DenseConnector.Text;

/// <summary>
/// What the JSON files beside a vocabulary say; absent keys have the defaults of the tokenizer's class.
/// </summary>
/// <remarks>The rules are those of <c>from_pretrained</c> in transformers 4.36.2. Immutable.</remarks>
internal sealed record TokenizerSettings
{
    private const string ConfigFile = "tokenizer_config.json";

    private const string Gpt2End = "<|endoftext|>";

    private static readonly string[] Gpt2Classes =
        ["CodeGenTokenizer", "CodeGenTokenizerFast", "GPT2Tokenizer", "GPT2TokenizerFast"];

    private static readonly string[] Qwen2Classes = ["Qwen2Tokenizer", "Qwen2TokenizerFast"];

    // A fast tokenizer is written from the slow one and gives the same ids, so both names mean the same rules.
    private static readonly string[] LlamaClasses = ["LlamaTokenizer", "LlamaTokenizerFast"];

    private const string AnyFastClass = "PreTrainedTokenizerFast";

    // SPECIAL_TOKENS_ATTRIBUTES, in the order in which absent ones are added to the vocabulary.
    private static readonly string[] TokenKeys =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private const string ListKey = "additional_special_tokens";

    /// <summary>Tokens found before the text is split, by id.</summary>
    public IReadOnlyDictionary<int, AddedToken> AddedTokens { get; init; } = new Dictionary<int, AddedToken>();

    /// <summary>
    /// Every token with a role (<c>bos_token</c>, <c>pad_token</c>, …), whether or not the vocabulary has it.
    /// </summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = ["<s>", "</s>", "<unk>"];

    /// <summary>The token that starts a text.</summary>
    public string? Bos { get; init; } = "<s>";

    /// <summary>The token that ends a text.</summary>
    public string? Eos { get; init; } = "</s>";

    /// <summary>The token for what the vocabulary does not have.</summary>
    public string? Unknown { get; init; } = "<unk>";

    /// <summary>Whether <see cref="Bos"/> is put before every text.</summary>
    public bool AddBos { get; init; } = true;

    /// <summary>Whether <see cref="Eos"/> is put after every text.</summary>
    public bool AddEos { get; init; }

    /// <summary>Whether a space is put before the text after a special token too, as the first releases did.</summary>
    public bool Legacy { get; init; } = true;

    /// <summary>Whether the class is Qwen2's.</summary>
    public bool IsQwen2 { get; init; }

    /// <summary>Whether spaces before punctuation are taken out of answers; byte-level tokenizers only.</summary>
    public bool CleansUpSpaces { get; init; }

    /// <summary>
    /// Whether a space is put before a text that starts with none, where the files say so; byte-level tokenizers only.
    /// </summary>
    public bool? AddPrefixSpace { get; init; }

    /// <summary>Reads the settings beside a <c>tokenizer.model</c>.</summary>
    /// <exception cref="ModelConfigException">A file is malformed, or asks for what is not supported.</exception>
    public static TokenizerSettings Read(string folder)
    {
        ConfigJson config = LoadConfig(folder);
        CheckSupported(config, LlamaClasses);
        return ReadTokens(folder, config, LlamaRoles(), TokenizerJson.FileName) with
        {
            AddBos = config.Bool("add_bos_token", true),
            AddEos = config.Bool("add_eos_token", false),
            Legacy = config.Bool("legacy", true),
        };
    }

    /// <summary>
    /// Reads the settings beside a <c>tokenizer.json</c> that a SentencePiece model was converted to.
    /// </summary>
    /// <remarks>
    /// What <c>tokenizer_config.json</c> says goes first, as beside a <c>tokenizer.model</c>, so that both files of a
    /// checkpoint give the same ids; where it is silent and names no class of its own, <c>tokenizer.json</c> decides.
    /// </remarks>
    /// <exception cref="ModelConfigException">A file is malformed, or asks for what is not supported.</exception>
    public static TokenizerSettings ReadConverted(string folder, SentencePieceJson json)
    {
        ConfigJson config = LoadConfig(folder);
        CheckSupported(config, [.. LlamaClasses, AnyFastClass]);
        string? name = config.String("tokenizer_class");
        bool isLlama = name is not null && name != AnyFastClass;
        TokenizerSettings settings = ReadTokens(
            folder, config, name == AnyFastClass ? [] : LlamaRoles(), TokenizerJson.FileName);
        Dictionary<int, AddedToken> added = new(settings.AddedTokens);
        foreach ((int id, AddedToken token) in json.AddedTokens)
        {
            added.TryAdd(id, token);
        }

        // LlamaTokenizerFast writes the post-processor anew, by these keys; for other classes the file's own counts.
        bool saysBos = isLlama || config.Has("add_bos_token"), saysEos = isLlama || config.Has("add_eos_token");
        return settings with
        {
            AddedTokens = added,
            Bos = saysBos ? settings.Bos : json.Before ?? settings.Bos,
            Eos = saysEos ? settings.Eos : json.After ?? settings.Eos,
            AddBos = saysBos ? config.Bool("add_bos_token", true) : json.Before is not null,
            AddEos = saysEos ? config.Bool("add_eos_token", false) : json.After is not null,
            Legacy = config.Bool("legacy", json.Legacy),
        };
    }

    /// <summary>Reads the settings beside the vocabulary of a byte-level tokenizer.</summary>
    /// <param name="folder">The checkpoint folder.</param>
    /// <param name="gpt2Files">
    /// Whether the vocabulary is that of <c>vocab.json</c>, which leaves the rules to the class; otherwise
    /// <c>tokenizer.json</c> says them, whatever the class.
    /// </param>
    /// <exception cref="ModelConfigException">A file is malformed, or asks for what is not supported.</exception>
    public static TokenizerSettings ReadByteLevel(string folder, bool gpt2Files)
    {
        ConfigJson config = LoadConfig(folder);
        string? name = config.String("tokenizer_class");
        bool isGpt2 = name is null ? gpt2Files : Gpt2Classes.Contains(name);
        bool isQwen2 = Qwen2Classes.Contains(name);
        if (gpt2Files && !isGpt2 && !isQwen2)
        {
            // Others keep different rules in files of the same names.
            throw config.Unsupported(
                "tokenizer_class",
                $"'{name}'",
                $"'{string.Join("', '", Gpt2Classes.Concat(Qwen2Classes))}' with a vocab.json");
        }

        if (config.Bool("split_special_tokens", false))
        {
            throw config.Unsupported("split_special_tokens", "true", "false");
        }

        Dictionary<string, string?> roles = isGpt2
            ? new() { ["bos_token"] = Gpt2End, ["eos_token"] = Gpt2End, ["unk_token"] = Gpt2End }
            : isQwen2
            ? new() { ["eos_token"] = Gpt2End, ["unk_token"] = Gpt2End, ["pad_token"] = Gpt2End }
            : [];
        return ReadTokens(folder, config, roles, null) with
        {
            IsQwen2 = isQwen2,

            // Other classes leave it to the post-processor of tokenizer.json.
            AddBos = isGpt2 && config.Bool("add_bos_token", false),
            AddPrefixSpace = config.Has("add_prefix_space") ? config.Bool("add_prefix_space", false) : null,

            // The defaults of transformers 4.36.2, and of Qwen2Tokenizer.
            CleansUpSpaces = config.Bool("clean_up_tokenization_spaces", !isQwen2),
        };
    }

    private static TokenizerSettings ReadTokens(
        string folder, ConfigJson config, Dictionary<string, string?> roles, string? fastFile)
    {
        List<string> others = [];
        ReadRoles(config, roles, others);
        Dictionary<int, AddedToken> added = [];
        if (config.Object("added_tokens_decoder") is { } decoder)
        {
            added = AddedTokenReader.ReadById(decoder);
        }
        else
        {
            ReadOlderFiles(folder, roles, others, added, fastFile);
        }

        return new TokenizerSettings
        {
            AddedTokens = added,
            SpecialTokens = [.. TokenKeys.Select(roles.GetValueOrDefault).OfType<string>().Concat(others).Distinct()],
            Bos = roles.GetValueOrDefault("bos_token"),
            Eos = roles.GetValueOrDefault("eos_token"),
            Unknown = roles.GetValueOrDefault("unk_token"),
        };
    }

    private static Dictionary<string, string?> LlamaRoles() => new()
    {
        ["bos_token"] = "<s>",
        ["eos_token"] = "</s>",
        ["unk_token"] = "<unk>",
    };

    private static void CheckSupported(ConfigJson config, string[] classes)
    {
        if (config.String("tokenizer_class") is { } name && !classes.Contains(name))
        {
            throw config.Unsupported("tokenizer_class", $"'{name}'", $"'{string.Join("' and '", classes)}'");
        }

        foreach (string key in new[] { "clean_up_tokenization_spaces", "split_special_tokens" })
        {
            if (config.Bool(key, false))
            {
                throw config.Unsupported(key, "true", "false with a SentencePiece vocabulary");
            }
        }

        if (config.Object("sp_model_kwargs") is { Keys.Count: > 0 } options)
        {
            throw config.Unsupported("sp_model_kwargs", $"with '{options.Keys[0]}'", "an empty object");
        }
    }

    /// <summary>Reads what is kept in other files where the configuration has no <c>added_tokens_decoder</c>.</summary>
    private static void ReadOlderFiles(
        string folder,
        Dictionary<string, string?> roles,
        List<string> others,
        Dictionary<int, AddedToken> added,
        string? fastFile)
    {
        if (LoadIfPresent(folder, "special_tokens_map.json") is { } map)
        {
            ReadRoles(map, roles, others);
        }

        if (LoadIfPresent(folder, "added_tokens.json") is { } ids)
        {
            foreach (string content in ids.Keys)
            {
                int id = ids.Int(content);
                added[id] = id >= 0
                    ? new AddedToken(content, Special: roles.ContainsValue(content) || others.Contains(content))
                    : throw ids.Unsupported(content, id.ToString(CultureInfo.InvariantCulture), "ids from 0");
            }
        }

        if (fastFile is not null && LoadIfPresent(folder, fastFile) is { } fast)
        {
            foreach ((int id, AddedToken token) in AddedTokenReader.ReadList(fast, "added_tokens"))
            {
                added[id] = token;
            }
        }
    }

    private static void ReadRoles(ConfigJson json, Dictionary<string, string?> roles, List<string> others)
    {
        HashSet<string> keys = [.. json.Keys];
        foreach (string key in TokenKeys.Where(keys.Contains))
        {
            // A null takes the role away, where an absent key would leave the default.
            roles[key] = json.Raw(key) is { } value ? AddedTokenReader.ReadContent(json, key, value) : null;
        }

        if (json.Raw(ListKey) is { } list)
        {
            others.AddRange(
                Items(json, ListKey, list).Select(item => AddedTokenReader.ReadContent(json, ListKey, item)));
        }
    }

    private static JsonElement.ArrayEnumerator Items(ConfigJson json, string key, JsonElement list) =>
        list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : throw json.Unsupported(key, $"a JSON {list.ValueKind}", "an array");

    private static ConfigJson LoadConfig(string folder) =>
        LoadIfPresent(folder, ConfigFile) ?? ConfigJson.Parse(ConfigFile, "{}"u8.ToArray());

    private static ConfigJson? LoadIfPresent(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        return File.Exists(path) ? ConfigJson.Load(path) : null;
    }
}
