using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Judging;

/// <summary>A line of a file of judgements.</summary>
/// <param name="Item">The item that was judged.</param>
/// <param name="Try">How often the judge was asked about it, this time included.</param>
/// <param name="Request">What it was asked.</param>
/// <param name="Reply">What it replied.</param>
internal sealed record Judgement(string Item, int Try, JsonNode Request, JudgeReply Reply)
{
    /// <summary>Writes the line, without its line break.</summary>
    public string Write() => PythonJson.Write(new JsonObject
    {
        ["item"] = Item,
        ["try"] = Try,
        ["request"] = Request.DeepClone(),
        ["model"] = Reply.Model,
        ["reply"] = Reply.Text,
    });

    /// <summary>Reads a line.</summary>
    /// <param name="where">The file and the line.</param>
    /// <param name="line">Its text.</param>
    /// <exception cref="IOException">It is no judgement.</exception>
    public static Judgement Read(string where, string line)
    {
        try
        {
            JsonElement value = JsonElement.Parse(line);
            JsonRecord fields = value.ValueKind == JsonValueKind.Object
                ? new JsonRecord(where, value)
                : throw new IOException($"{where} holds a JSON {value.ValueKind}.");
            return new Judgement(
                fields.Text("item"),
                fields.Number("try"),
                JsonSerializer.SerializeToNode(fields.Object("request").Value)!,
                new JudgeReply(fields.Text("reply"), fields.Text("model")));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new IOException(
                $"{where} is no judgement; expected an object with 'item', 'try', 'request', 'model' and 'reply'. " +
                $"Name a new file. ({e.Message})",
                e);
        }
    }
}
