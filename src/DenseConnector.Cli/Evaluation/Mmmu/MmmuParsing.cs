using System.Text;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Mmmu;

/// <summary>
/// Parses the answers of MMMU anew and subject by subject, as the official script does that goes by folders: one source
/// of guesses serves all subjects, so what is guessed depends on which of them are there.
/// </summary>
internal sealed class MmmuParsing
{
    private const int Indent = 4;

    private readonly JsonObject _parsed = [];
    private readonly JsonObject _scores = [];
    private readonly StringBuilder _report = new();
    private readonly PythonRandom _guesses = new(MmmuChoice.Seed);

    /// <summary>Parses answers.</summary>
    /// <param name="answers">The questions with the models' texts.</param>
    public MmmuParsing(IEnumerable<(MmmuQuestion Question, string Response)> answers)
    {
        ILookup<string, (MmmuQuestion, string)> subjects = answers.ToLookup(answer => answer.Question.Subject);
        foreach (string subject in MmmuTable.Subjects)
        {
            _report.Append("Evaluating: ").Append(subject).Append('\n');
            if (subjects.Contains(subject))
            {
                Add(subject, [.. subjects[subject]]);
            }
            else
            {
                _report.Append("Skipping ").Append(subject).Append(" for not found\n");
            }
        }
    }

    /// <summary>The lines that the official script prints.</summary>
    public string Report => _report.ToString();

    /// <summary>What was taken from each answer and whether it is right, by the question's id.</summary>
    public string WriteParsed() => PythonJson.Write(_parsed, Indent);

    /// <summary>The score of each subject that is there.</summary>
    public string WriteScores() => PythonJson.Write(_scores, Indent);

    private void Add(string subject, (MmmuQuestion Question, string Response)[] answers)
    {
        _report.Append("Num of valid samples: ").Append(answers.Length)
            .Append(", Expected Num: ").Append(answers.Length).Append('\n');
        MmmuScore score = MmmuScore.Of([.. answers.Select(answer => Judge(answer.Question, answer.Response))]);
        _scores[subject] = new JsonObject { ["acc"] = score.Accuracy, ["num_example"] = score.Count };
    }

    private bool Judge(MmmuQuestion question, string response)
    {
        JsonNode parsed;
        bool isRight;
        if (question.IsMultipleChoice)
        {
            string letter = MmmuChoice.Read(response, question.Options, _guesses);
            (parsed, isRight) = (letter, MmmuJudge.IsChoiceRight(letter, question.Answers));
        }
        else
        {
            IReadOnlyList<MmmuValue> values = MmmuOpenAnswer.Read(response);
            parsed = new JsonArray([.. values.Select(value => value.Write())]);
            isRight = MmmuJudge.IsOpenRight(values, question.Answers);
        }

        _parsed[question.Id] = new JsonObject { ["parsed"] = parsed, ["judge"] = isRight ? "Correct" : "Wrong" };
        return isRight;
    }
}
