using System.Globalization;
using System.Text.Json;
using DenseConnector.Configuration;

namespace DenseConnector.Text;

/// <summary>
/// What the JSON files beside a <c>tokenizer.model</c> say; absent keys have the defaults of <c>LlamaTokenizer</c>.
/// </summary>
/// <remarks>The rules are those of <c>from_pretrained</c> in transformers 4.36.2. Immutable.</remarks>
internal sealed record TokenizerSettings
{
    private const string ConfigFile = "tokenizer_config.json";

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

    /// <summary>Reads the settings of a checkpoint folder.</summary>
    /// <exception cref="ModelConfigException">A file is malformed, or asks for what is not supported.</exception>
    public static TokenizerSettings Read(string folder)
    {
        ConfigJson config = LoadIfPresent(folder, ConfigFile) ?? ConfigJson.Parse(ConfigFile, "{}"u8.ToArray());
        CheckSupported(config);
        Dictionary<string, string?> roles = new()
        {
            ["bos_token"] = "<s>",
            ["eos_token"] = "</s>",
            ["unk_token"] = "<unk>",
        };
        List<string> others = [];
        ReadRoles(config, roles, others);
        Dictionary<int, AddedToken> added = [];
        if (config.Object("added_tokens_decoder") is { } decoder)
        {
            foreach (string key in decoder.Keys)
            {
                added[ReadId(decoder, key)] = ReadToken(decoder.Object(key)!);
            }
        }
        else
        {
            ReadOlderFiles(folder, roles, others, added);
        }

        return new TokenizerSettings
        {
            AddedTokens = added,
            SpecialTokens = [.. TokenKeys.Select(roles.GetValueOrDefault).OfType<string>().Concat(others).Distinct()],
            Bos = roles["bos_token"],
            Eos = roles["eos_token"],
            Unknown = roles["unk_token"],
            AddBos = config.Bool("add_bos_token", true),
            AddEos = config.Bool("add_eos_token", false),
            Legacy = config.Bool("legacy", true),
        };
    }

    private static void CheckSupported(ConfigJson config)
    {
        // A fast tokenizer is written from the slow one and gives the same ids, so both names mean these rules.
        if (config.String("tokenizer_class") is { } name && name is not ("LlamaTokenizer" or "LlamaTokenizerFast"))
        {
            throw config.Unsupported("tokenizer_class", $"'{name}'", "'LlamaTokenizer' and 'LlamaTokenizerFast'");
        }

        foreach (string key in new[] { "clean_up_tokenization_spaces", "split_special_tokens" })
        {
            if (config.Bool(key, false))
            {
                throw config.Unsupported(key, "true", "false with a tokenizer.model");
            }
        }

        if (config.Object("sp_model_kwargs") is { Keys.Count: > 0 } options)
        {
            throw config.Unsupported("sp_model_kwargs", $"with '{options.Keys[0]}'", "an empty object");
        }
    }

    /// <summary>Reads what is kept in three files where the configuration has no <c>added_tokens_decoder</c>.</summary>
    private static void ReadOlderFiles(
        string folder, Dictionary<string, string?> roles, List<string> others, Dictionary<int, AddedToken> added)
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

        if (LoadIfPresent(folder, "tokenizer.json") is { } fast && fast.Raw("added_tokens") is { } list)
        {
            foreach (JsonElement item in Items(fast, "added_tokens", list))
            {
                ConfigJson token = Element(fast.File, item);
                int id = token.Int("id");
                added[id] = id >= 0
                    ? ReadToken(token)
                    : throw token.Unsupported("id", id.ToString(CultureInfo.InvariantCulture), "ids from 0");
            }
        }
    }

    private static void ReadRoles(ConfigJson json, Dictionary<string, string?> roles, List<string> others)
    {
        HashSet<string> keys = [.. json.Keys];
        foreach (string key in TokenKeys.Where(keys.Contains))
        {
            // A null takes the role away, where an absent key would leave the default.
            roles[key] = json.Raw(key) is { } value ? ReadContent(json, key, value) : null;
        }

        if (json.Raw(ListKey) is { } list)
        {
            others.AddRange(Items(json, ListKey, list).Select(item => ReadContent(json, ListKey, item)));
        }
    }

    /// <summary>A token is written as a string, or as an object with its flags.</summary>
    private static string ReadContent(ConfigJson json, string key, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            value = value.TryGetProperty("content", out JsonElement content) ? content : default;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            throw json.Unsupported(key, $"a JSON {value.ValueKind}", "a string and an object with 'content'");
        }

        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw json.Unsupported(key, "a string with half a surrogate pair", "whole characters");
        }
    }

    private static AddedToken ReadToken(ConfigJson token)
    {
        if (token.Bool("single_word", false))
        {
            throw token.Unsupported("single_word", "true", "false");
        }

        string content = ReadContent(token, "content", token.Raw("content") ?? default);
        return new AddedToken(
            content,
            LeftStrip: token.Bool("lstrip", false),
            RightStrip: token.Bool("rstrip", false),
            Special: token.Bool("special", false));
    }

    private static int ReadId(ConfigJson decoder, string key) =>
        int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int id) && decoder.Has(key)
            ? id
            : throw decoder.Unsupported(key, "a key", "token ids from 0, each with an object");

    private static JsonElement.ArrayEnumerator Items(ConfigJson json, string key, JsonElement list) =>
        list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : throw json.Unsupported(key, $"a JSON {list.ValueKind}", "an array");

    private static ConfigJson Element(string file, JsonElement item) =>
        ConfigJson.Parse(file, System.Text.Encoding.UTF8.GetBytes(item.GetRawText()));

    private static ConfigJson? LoadIfPresent(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        return File.Exists(path) ? ConfigJson.Load(path) : null;
    }
}
