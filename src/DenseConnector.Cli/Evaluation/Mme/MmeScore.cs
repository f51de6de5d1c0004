namespace DenseConnector.Cli.Evaluation.Mme;

/// <summary>The score of one task of MME.</summary>
/// <param name="Task">The task.</param>
/// <param name="Questions">How many questions it has, two for each picture.</param>
/// <param name="Correct">How many answers are right.</param>
/// <param name="BothCorrect">For how many pictures both are.</param>
internal sealed record MmeScore(string Task, int Questions, int Correct, int BothCorrect)
{
    /// <summary>The share of right answers and that of pictures with two right ones, in percent, added.</summary>
    public double Score => ((double)Correct / Questions * 100) + (BothCorrect / (Questions / 2d) * 100);
}
