using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Gqa;

/// <summary>A question of GQA and what was answered.</summary>
/// <param name="Id">The question's id.</param>
/// <param name="Question">The question as the dataset describes it.</param>
/// <param name="Prediction">The normalised answer of the model.</param>
internal sealed record GqaQuestion(string Id, JsonRecord Question, string Prediction)
{
    // A step that only looks whether something is there, or what it is called, is none.
    private static readonly string[] NoSteps = ["exist", "query: name", "choose name"];

    /// <summary>The right answer.</summary>
    public string Answer => Question.Text("answer");

    /// <summary>Whether the model's answer is right.</summary>
    public bool IsCorrect => Prediction == Answer;

    /// <summary>Whether the question is one of the balanced ones, which alone are scored.</summary>
    public bool IsBalanced => Question.Truth("isBalanced");

    /// <summary>What kind of operation the question ends with.</summary>
    public string Structure => Question.Object("types").Text("structural");

    /// <summary>What the question is about.</summary>
    public string Meaning => Question.Object("types").Text("semantic");

    /// <summary>The group whose answers are compared as a distribution, if any.</summary>
    public string? Group => Question.Object("groups").OptionalText("global");

    /// <summary>How many steps of reasoning the question takes.</summary>
    public int Steps => Question.List("semantic")
        .Select(step => $"{step.Text("operation")}: {step.Text("argument")}")
        .Count(step => !NoSteps.Any(none => step.Contains(none, StringComparison.Ordinal)));

    /// <summary>How many words the question has.</summary>
    public int Words => PythonText.Words(Question.Text("question")).Length;
}
