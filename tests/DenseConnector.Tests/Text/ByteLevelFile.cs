using System.Text;
using System.Text.Json;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

/// <summary>
/// A small byte-level tokenizer to be written as files: the token of byte b has the id b, those of merges follow.
/// </summary>
internal sealed class ByteLevelFile
{
    private readonly Dictionary<string, int> _vocabulary = Enumerable.Range(0, 256)
        .ToDictionary(value => ByteCharacters.Of((byte)value).ToString(), value => value);

    private readonly List<(string Left, string Right)> _merges = [];

    /// <summary>JSON of the other parts of <c>tokenizer.json</c>.</summary>
    public string PreTokenizer { get; init; } = """{"type": "ByteLevel", "add_prefix_space": false}""";

    public string PostProcessor { get; init; } = "null";

    public string Normalizer { get; init; } = "null";

    public string Decoder { get; init; } = """{"type": "ByteLevel"}""";

    public string AddedTokens { get; init; } = "[]";

    public string ModelSettings { get; init; } = "\"type\": \"BPE\"";

    /// <summary>Whether merges are written as pairs, as newer files do.</summary>
    public bool MergesArePairs { get; init; }

    /// <summary>JSON of a Split pre-tokenizer with a pattern.</summary>
    public static string SplitBy(string pattern) =>
        $$"""
        {"type": "Sequence", "pretokenizers": [
          {"type": "Split", "pattern": {"Regex": {{JsonSerializer.Serialize(pattern)}}}, "behavior": "Isolated"},
          {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}
        ]}
        """;

    /// <summary>Adds merges, each of two parts in the vocabulary's characters, and their results as tokens.</summary>
    public ByteLevelFile Merge(params (string Left, string Right)[] merges)
    {
        foreach ((string left, string right) in merges)
        {
            Token(left + right);
            _merges.Add((left, right));
        }

        return this;
    }

    /// <summary>Adds a token that no merge makes.</summary>
    public ByteLevelFile Token(string token)
    {
        _vocabulary.TryAdd(token, _vocabulary.Count);
        return this;
    }

    public string VocabularyJson() => JsonSerializer.Serialize(_vocabulary);

    public string MergesText() =>
        "#version: 0.2\n" + string.Concat(_merges.Select(merge => $"{merge.Left} {merge.Right}\n"));

    public string ToJson()
    {
        object merges = MergesArePairs
            ? _merges.Select(merge => new[] { merge.Left, merge.Right })
            : _merges.Select(merge => $"{merge.Left} {merge.Right}");
        return $$"""
            {
              "version": "1.0", "added_tokens": {{AddedTokens}}, "normalizer": {{Normalizer}},
              "pre_tokenizer": {{PreTokenizer}}, "post_processor": {{PostProcessor}}, "decoder": {{Decoder}},
              "model": {
                {{ModelSettings}}, "vocab": {{VocabularyJson()}}, "merges": {{JsonSerializer.Serialize(merges)}}
              }
            }
            """;
    }

    public ByteLevelModel Parse() => TokenizerJson.Parse("t.json", Encoding.UTF8.GetBytes(ToJson()));

    public ByteLevelBpe Tokenizer(TokenizerSettings? settings = null) => new(Parse(), settings ?? NoRoles);

    /// <summary>Settings without any token.</summary>
    public static TokenizerSettings NoRoles { get; } =
        new() { SpecialTokens = [], Bos = null, Eos = null, Unknown = null, AddBos = false };
}
