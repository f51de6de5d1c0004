using System.Text;
using DenseConnector.Cli.Evaluation.Data;

namespace DenseConnector.Cli.Evaluation.Mme;

/// <summary>Converts an answer file of MME into one table for each task, beside the right answers.</summary>
internal static class MmeConversion
{
    /// <summary>
    /// The tables by task: picture, question, right answer and the model's answer, separated by tabs.
    /// </summary>
    /// <param name="truthFolder">A folder for each task with a text file for each picture.</param>
    /// <param name="answerFile">The answers; their id is <c>task/picture</c>.</param>
    /// <exception cref="IOException">A file cannot be read, or a question has no right answer.</exception>
    public static IReadOnlyDictionary<string, string> Convert(string truthFolder, string answerFile)
    {
        MmeTruth truth = new(truthFolder);
        OrderedDictionary<string, StringBuilder> tables = [];
        HashSet<MmeQuestion> done = [];
        foreach (JsonRecord answer in JsonData.ReadLines(answerFile))
        {
            MmeQuestion question = truth.Find(answer, answer.Text("prompt"));
            tables.TryAdd(question.Task, new StringBuilder());
            if (done.Add(question))
            {
                tables[question.Task]
                    .AppendJoin('\t', question.File, question.Text, question.Answer, answer.Text("text"))
                    .Append('\n');
            }
        }

        return tables.ToDictionary(table => table.Key, table => table.Value.ToString());
    }
}
