using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Judging;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.MathVista;

/// <summary>The answer file of MathVista, and what is extracted from each answer by rule or by a judge.</summary>
internal sealed class MathVistaExtracted
{
    private const int Indent = 4;
    private const string Field = "extraction";

    private readonly OrderedDictionary<string, JsonRecord> _answers = [];
    private readonly Dictionary<string, string> _extractions = [];

    /// <summary>Reads the answers, and extracts what needs no judge.</summary>
    /// <param name="answerFile">The answers with their questions; of several to one the last counts.</param>
    /// <param name="isQuick">Whether a quoted answer is taken as it stands; not so officially.</param>
    /// <param name="model">The judge's name.</param>
    /// <exception cref="IOException">The file cannot be read or lacks something.</exception>
    public MathVistaExtracted(string answerFile, bool isQuick = false, string model = MathVistaJudge.Model)
    {
        foreach (JsonRecord answer in JsonData.ReadLines(answerFile))
        {
            _answers[ItemName.Of(answer, "pid")] = answer;
        }

        List<JudgeTask> tasks = [];
        foreach ((string pid, JsonRecord answer) in _answers)
        {
            MathVistaItem item = new(answer);
            if ((Known(answer) ?? item.Extract(answer.Text("response"), isQuick)) is string extraction)
            {
                _extractions[pid] = extraction;
            }
            else
            {
                tasks.Add(MathVistaJudge.Task(pid, answer.Text("query"), answer.Text("response"), model));
            }
        }

        Tasks = tasks;
    }

    /// <summary>What a judge has to extract.</summary>
    public IReadOnlyList<JudgeTask> Tasks { get; }

    /// <summary>
    /// The file that the official script puts in the place of the answers, once a judge has extracted all.
    /// </summary>
    /// <param name="judged">The judgements of <see cref="Tasks"/>.</param>
    public string Write(IEnumerable<JudgedItem> judged)
    {
        foreach (JudgedItem item in judged)
        {
            _extractions[item.Item] = MathVistaJudge.Extraction(item);
        }

        return PythonJson.Write(
            new JsonObject(_answers.Select(answer => KeyValuePair.Create(answer.Key, (JsonNode?)Extracted(answer)))),
            Indent);
    }

    private JsonObject Extracted(KeyValuePair<string, JsonRecord> answer)
    {
        JsonObject fields = JsonObject.Create(answer.Value.Value)!;
        fields[Field] = _extractions[answer.Key];
        return fields;
    }

    /// <summary>What was extracted before; an empty text is extracted again.</summary>
    private static string? Known(JsonRecord answer) =>
        answer.Value.TryGetProperty(Field, out _) && MathVistaExtraction.IsDone(answer.Text(Field))
            ? answer.Text(Field)
            : null;
}
