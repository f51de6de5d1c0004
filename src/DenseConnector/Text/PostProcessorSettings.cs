using System.Text.Json;
using DenseConnector.Configuration;

namespace DenseConnector.Text;

/// <summary>What <c>post_processor</c> of a <c>tokenizer.json</c> puts around the ids of a text.</summary>
/// <param name="Before">The ids before it.</param>
/// <param name="After">The ids after it.</param>
internal sealed record PostProcessorSettings(IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    private const string Key = "post_processor";
    private const string Types = "'ByteLevel', 'TemplateProcessing', and a 'Sequence' of these";

    /// <summary>Reads the settings.</summary>
    /// <param name="file">The whole file.</param>
    /// <exception cref="ModelConfigException">The ids are changed in a way that is not supported.</exception>
    public static PostProcessorSettings Read(ConfigJson file)
    {
        ConfigJson? settings = file.Object(Key);
        IReadOnlyList<ConfigJson> steps = settings is null ? []
            : settings.String("type") == "Sequence" ? settings.Objects("processors") ?? []
            : [settings];
        PostProcessorSettings result = new([], []);
        foreach (ConfigJson step in steps)
        {
            string? type = step.String("type");
            if (type == "TemplateProcessing")
            {
                PostProcessorSettings inner = ReadTemplate(step);
                result = new([.. inner.Before, .. result.Before], [.. result.After, .. inner.After]);
            }
            else if (type != "ByteLevel")
            {
                // 'ByteLevel' changes nothing but the offsets.
                throw step.Unsupported("type", type is null ? "missing" : $"'{type}'", Types);
            }
        }

        return result;
    }

    private static PostProcessorSettings ReadTemplate(ConfigJson template)
    {
        List<int> before = [], after = [];
        bool hasText = false;
        foreach (ConfigJson item in template.Objects("single") ?? [])
        {
            if (item.Object("SpecialToken") is { } token)
            {
                (hasText ? after : before).AddRange(ReadIds(template, token));
            }
            else if (!hasText && item.Object("Sequence")?.String("id") == "A")
            {
                hasText = true;
            }
            else
            {
                throw template.Unsupported(
                    "single", "of another form", "special tokens around the sequence 'A', which comes once");
            }
        }

        return hasText
            ? new PostProcessorSettings(before, after)
            : throw template.Unsupported("single", "without the sequence 'A'", "templates with it");
    }

    private static IEnumerable<int> ReadIds(ConfigJson template, ConfigJson token)
    {
        string name = token.String("id") ?? throw token.Unsupported("id", "missing", "names of special tokens");
        ConfigJson? known = template.Object("special_tokens")?.Object(name);
        if (known?.Raw("ids") is not { ValueKind: JsonValueKind.Array } ids)
        {
            throw token.Unsupported("id", $"'{name}'", "names that 'special_tokens' gives 'ids'");
        }

        foreach (JsonElement item in ids.EnumerateArray())
        {
            yield return item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int id) ? id
                : throw known.Unsupported("ids", "not a list of ids", "lists of ids");
        }
    }
}
