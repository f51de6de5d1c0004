using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.MathVista;

/// <summary>Scores a file of extracted answers of MathVista and writes the official files.</summary>
internal sealed class MathVistaScorer
{
    private const int Indent = 4;

    private readonly (string Pid, MathVistaItem Item)[] _items;

    /// <summary>Scores the answers.</summary>
    /// <param name="extracted">The file, an object with an item for each question.</param>
    /// <exception cref="IOException">It holds no item, or an item lacks something.</exception>
    public MathVistaScorer(JsonRecord extracted)
    {
        _items = [.. extracted.Objects().Select(item => (item.Name, new MathVistaItem(item.Value)))];
        Results = _items.Length > 0
            ? [.. _items.Select(item => item.Item.Judge())]
            : throw new IOException($"{extracted.Where} holds no items.");
    }

    /// <summary>The judged answers, in the order of the file.</summary>
    public IReadOnlyList<MathVistaResult> Results { get; }

    /// <summary>What each answer is worth, by the id of its problem.</summary>
    public IReadOnlyDictionary<string, Verdict> Verdicts =>
        _items.ToDictionary(item => item.Pid, item => item.Item.Weigh());

    /// <summary>The file of scores: of all, then of the groups of each kind.</summary>
    public string WriteScores()
    {
        JsonObject scores = new() { ["average"] = Write(MathVistaScores.Average(Results)) };
        foreach (string kind in MathVistaItem.Kinds)
        {
            scores[kind] = new JsonObject(MathVistaScores.Of(Results, kind)
                .Select(row => KeyValuePair.Create(row.Group, (JsonNode?)Write(row.Score))));
        }

        return PythonJson.Write(scores, Indent);
    }

    /// <summary>The file of answers, with each prediction and whether it is right.</summary>
    public string WriteItems() => PythonJson.Write(
        new JsonObject(_items.Select(item => KeyValuePair.Create(item.Pid, (JsonNode?)item.Item.WriteJudged()))),
        Indent);

    private static JsonObject Write(MathVistaScore score) => new()
    {
        ["accuracy"] = score.Accuracy,
        ["correct"] = score.Correct,
        ["total"] = score.Total,
    };
}
