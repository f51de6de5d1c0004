using System.Text;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Mme;

/// <summary>Converts an answer file of MME into one table for each task, beside the right answers.</summary>
internal static class MmeConversion
{
    private const string Suffix = "Answer the question using a single word or phrase.";
    private const string Instruction = " Please answer yes or no.";

    /// <summary>
    /// The tables by task: picture, question, right answer and the model's answer, separated by tabs.
    /// </summary>
    /// <param name="truthFolder">A folder for each task with a text file for each picture.</param>
    /// <param name="answerFile">The answers; their id is <c>task/picture</c>.</param>
    /// <exception cref="IOException">A file cannot be read, or a question has no right answer.</exception>
    public static IReadOnlyDictionary<string, string> Convert(string truthFolder, string answerFile)
    {
        Dictionary<(string Task, string File, string Question), string> truth = ReadTruth(truthFolder);
        OrderedDictionary<string, StringBuilder> tables = [];
        HashSet<(string Task, string File, string Question)> done = [];
        foreach (JsonRecord answer in JsonData.ReadLines(answerFile))
        {
            string[] path = answer.Text("question_id").Split('/');
            string file = path[^1].Split('.')[0] + ".txt";
            string question = QuestionOf(answer.Text("prompt"), asked => truth.ContainsKey((path[0], file, asked)));
            string right = truth.GetValueOrDefault((path[0], file, question)) ?? throw new IOException(
                $"{answer.Where}: {Path.Combine(truthFolder, path[0], file)} has no question '{question}'.");
            tables.TryAdd(path[0], new StringBuilder());
            if (done.Add((path[0], file, question)))
            {
                tables[path[0]].AppendJoin('\t', file, question, right, answer.Text("text")).Append('\n');
            }
        }

        return tables.ToDictionary(table => table.Key, table => table.Value.ToString());
    }

    /// <summary>The question as the task has it, some of which have two spaces before the instruction.</summary>
    private static string QuestionOf(string prompt, Predicate<string> isKnown)
    {
        string question = prompt.Contains(Suffix, StringComparison.Ordinal)
            ? PythonText.Strip(prompt.Replace(Suffix, string.Empty, StringComparison.Ordinal))
            : prompt;
        if (question.Contains(Instruction.TrimStart(), StringComparison.Ordinal))
        {
            return question;
        }

        question += Instruction;
        return isKnown(question)
            ? question
            : question.Replace(Instruction, " " + Instruction, StringComparison.Ordinal);
    }

    private static Dictionary<(string Task, string File, string Question), string> ReadTruth(string folder)
    {
        Dictionary<(string Task, string File, string Question), string> truth = [];
        foreach (string task in Directory.GetDirectories(folder))
        {
            // Some tasks keep their pictures and questions in folders of their own.
            string inner = Path.Combine(task, "questions_answers_YN");
            bool hasImages = Directory.Exists(Path.Combine(task, "images"));
            foreach (string file in Directory.GetFiles(hasImages ? inner : task, "*.txt"))
            {
                foreach ((int index, string line) in File.ReadLines(file).Index())
                {
                    string[] parts = PythonText.Strip(line).Split('\t');
                    truth[(Path.GetFileName(task), Path.GetFileName(file), parts[0])] = parts.Length == 2
                        ? parts[1]
                        : throw new IOException(
                            $"{file}: line {index + 1} has {parts.Length} columns, expected a question and its " +
                            "answer.");
                }
            }
        }

        return truth;
    }
}
