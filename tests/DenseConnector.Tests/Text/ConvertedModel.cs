using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

/// <summary>
/// Writes a SentencePiece model as <c>tokenizer.json</c>, by the rule of <c>LlamaConverter</c> and
/// <c>SentencePieceExtractor</c> of transformers.
/// </summary>
internal sealed class ConvertedModel(SentencePieceModel model)
{
    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Whether it is written by the rules of <c>legacy=False</c>: a Metaspace and no normaliser.</summary>
    public bool Metaspace { get; init; }

    /// <summary>Whether merges are written as pairs, as newer files do.</summary>
    public bool MergesArePairs { get; init; }

    /// <summary>The file, changed by <paramref name="change"/> before it is written.</summary>
    public TokenizerJsonFile ToFile(Action<JsonObject>? change = null) =>
        TokenizerJsonFile.Parse("tokenizer.json", ToBytes(change));

    public byte[] ToBytes(Action<JsonObject>? change = null)
    {
        JsonObject file = new()
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray([.. model.Pieces.Select(AddedToken).OfType<JsonNode>()]),
            ["normalizer"] = Metaspace ? null : Normalizer(),
            ["pre_tokenizer"] = Metaspace
                ? Parse("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}""")
                : null,
            ["post_processor"] = null,
            ["decoder"] = Parse(
                """
                {"type": "Sequence", "decoders": [
                  {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
                  {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}
                ]}
                """),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["unk_token"] = model.Pieces[model.UnknownId].Text,
                ["fuse_unk"] = true,
                ["byte_fallback"] = model.ByteIds is not null,
                ["vocab"] = JsonSerializer.SerializeToNode(
                    model.Pieces.Select((piece, id) => KeyValuePair.Create(piece.Text, id)).ToDictionary(), Plain),
                ["merges"] = JsonSerializer.SerializeToNode(
                    MergesArePairs ? Merges() : (object)Merges().Select(pair => $"{pair[0]} {pair[1]}"), Plain),
            },
        };
        change?.Invoke(file);
        return Encoding.UTF8.GetBytes(file.ToJsonString(Plain));
    }

    /// <summary>Every two pieces that make a third, those of the best third first.</summary>
    private IEnumerable<string[]> Merges()
    {
        Dictionary<string, int> ids =
            model.Pieces.Select((piece, id) => KeyValuePair.Create(piece.Text, id)).ToDictionary();
        return model.Pieces.SelectMany(piece =>
                from length in Enumerable.Range(1, piece.Text.Length - 1)
                let left = piece.Text[..length]
                let right = piece.Text[length..]
                where ids.ContainsKey(left) && ids.ContainsKey(right)
                orderby ids[left], ids[right]
                select (piece.Score, Parts: new[] { left, right }))
            .OrderByDescending(merge => merge.Score)
            .Select(merge => merge.Parts);
    }

    private JsonNode Normalizer()
    {
        JsonNode replace = Parse("""{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}""");
        return !model.AddDummyPrefix ? replace : new JsonObject
        {
            ["type"] = "Sequence",
            ["normalizers"] = new JsonArray(Parse("""{"type": "Prepend", "prepend": "▁"}"""), replace),
        };
    }

    private static JsonObject? AddedToken(SentencePiece piece, int id) =>
        piece.Type is not (SentencePieceType.Unknown or SentencePieceType.Control or SentencePieceType.UserDefined)
            ? null
            : new JsonObject
            {
                ["id"] = id,
                ["content"] = piece.Text,
                ["normalized"] = false,
                ["special"] = piece.Type != SentencePieceType.UserDefined,
            };

    private static JsonNode Parse(string json) => JsonNode.Parse(json)!;
}
