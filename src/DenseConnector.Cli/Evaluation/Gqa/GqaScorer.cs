using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Gqa;

/// <summary>Scores an answer file of GQA against the questions of the dataset.</summary>
internal static class GqaScorer
{
    /// <summary>Joins the questions with their answers; one that is not balanced may have none.</summary>
    /// <param name="questionFile">The questions as the dataset has them, with their answers.</param>
    /// <param name="answerFile">The model's answers.</param>
    /// <exception cref="IOException">A file cannot be read, or a balanced question has no answer.</exception>
    public static GqaScore Score(string questionFile, string answerFile)
    {
        IReadOnlyDictionary<string, string> predictions = GqaPredictions.Read(answerFile);
        List<GqaQuestion> questions = [];
        foreach ((string id, JsonRecord question) in JsonData.Read(questionFile).Objects())
        {
            if (predictions.TryGetValue(PythonJson.Write(JsonValue.Create(id)), out string? prediction))
            {
                questions.Add(new GqaQuestion(id, question, prediction));
            }
            else if (question.Truth("isBalanced"))
            {
                throw new IOException(
                    $"{question.Where}: the question has no answer in {answerFile}. Answer all questions first, or " +
                    "score with the questions that were answered.");
            }
        }

        return new GqaScore(questions);
    }
}
