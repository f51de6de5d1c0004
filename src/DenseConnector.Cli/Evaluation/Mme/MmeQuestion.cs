namespace DenseConnector.Cli.Evaluation.Mme;

/// <summary>A question of MME.</summary>
/// <param name="Task">The task it belongs to.</param>
/// <param name="File">The text file of its picture.</param>
/// <param name="Text">The question as the task has it.</param>
/// <param name="Answer">The right answer, in the spelling of the task.</param>
internal sealed record MmeQuestion(string Task, string File, string Text, string Answer);
