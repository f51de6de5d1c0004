using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Mme;

/// <summary>The right answers of MME: a folder for each task with a text file for each picture.</summary>
internal sealed class MmeTruth
{
    private const string Suffix = "Answer the question using a single word or phrase.";
    private const string Instruction = " Please answer yes or no.";

    private readonly string _folder;
    private readonly Dictionary<(string Task, string File, string Question), string> _answers = [];

    /// <summary>Reads the folder.</summary>
    /// <exception cref="IOException">A file cannot be read or is not as expected.</exception>
    public MmeTruth(string folder)
    {
        _folder = folder;
        foreach (string task in Directory.GetDirectories(folder))
        {
            // Some tasks keep their pictures and questions in folders of their own.
            string inner = Path.Combine(task, "questions_answers_YN");
            bool hasImages = Directory.Exists(Path.Combine(task, "images"));
            foreach (string file in Directory.GetFiles(hasImages ? inner : task, "*.txt"))
            {
                ReadFile(Path.GetFileName(task), file);
            }
        }
    }

    /// <summary>Finds a question.</summary>
    /// <param name="asked">What names it as <c>task/picture</c>: the question or its answer.</param>
    /// <param name="prompt">What the model was asked.</param>
    /// <exception cref="IOException">There is no such question.</exception>
    public MmeQuestion Find(JsonRecord asked, string prompt)
    {
        string[] path = asked.Text("question_id").Split('/');
        string file = path[^1].Split('.')[0] + ".txt";
        string question = QuestionOf(prompt, text => _answers.ContainsKey((path[0], file, text)));
        string answer = _answers.GetValueOrDefault((path[0], file, question)) ?? throw new IOException(
            $"{asked.Where}: {Path.Combine(_folder, path[0], file)} has no question '{question}'.");
        return new MmeQuestion(path[0], file, question, answer);
    }

    private void ReadFile(string task, string file)
    {
        foreach ((int index, string line) in File.ReadLines(file).Index())
        {
            string[] parts = PythonText.Strip(line).Split('\t');
            _answers[(task, Path.GetFileName(file), parts[0])] = parts.Length == 2
                ? parts[1]
                : throw new IOException(
                    $"{file}: line {index + 1} has {parts.Length} columns, expected a question and its answer.");
        }
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
}
