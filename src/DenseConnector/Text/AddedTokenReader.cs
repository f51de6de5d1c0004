using System.Globalization;
using System.Text.Json;
using DenseConnector.Configuration;

namespace DenseConnector.Text;

/// <summary>Reads added tokens in the forms that tokenizer files write them in.</summary>
internal static class AddedTokenReader
{
    /// <summary>Reads an array of tokens that carry their ids, as <c>tokenizer.json</c> has it.</summary>
    /// <exception cref="ModelConfigException">The value is of another form.</exception>
    public static Dictionary<int, AddedToken> ReadList(ConfigJson json, string key)
    {
        Dictionary<int, AddedToken> added = [];
        foreach (ConfigJson token in json.Objects(key) ?? [])
        {
            int id = token.Int("id");
            added[id] = id >= 0
                ? Read(token)
                : throw token.Unsupported("id", id.ToString(CultureInfo.InvariantCulture), "ids from 0");
        }

        return added;
    }

    /// <summary>Reads an object of tokens by id, as <c>tokenizer_config.json</c> has it.</summary>
    /// <exception cref="ModelConfigException">The value is of another form.</exception>
    public static Dictionary<int, AddedToken> ReadById(ConfigJson json)
    {
        Dictionary<int, AddedToken> added = [];
        foreach (string key in json.Keys)
        {
            int id = int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && json.Has(key)
                ? number
                : throw json.Unsupported(key, "a key", "token ids from 0, each with an object");
            added[id] = Read(json.Object(key)!);
        }

        return added;
    }

    /// <summary>Reads a token's string: written as it is, or in an object with its flags.</summary>
    /// <exception cref="ModelConfigException">The value is of another form.</exception>
    public static string ReadContent(ConfigJson json, string key, JsonElement value)
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

    private static AddedToken Read(ConfigJson token)
    {
        if (token.Bool("single_word", false))
        {
            throw token.Unsupported("single_word", "true", "false");
        }

        bool special = token.Bool("special", false);
        return new AddedToken(
            ReadContent(token, "content", token.Raw("content") ?? default),
            LeftStrip: token.Bool("lstrip", false),
            RightStrip: token.Bool("rstrip", false),
            Special: special,
            Normalized: token.Bool("normalized", !special));
    }
}
