using DenseConnector.Cli.Evaluation.ScienceQa;

namespace DenseConnector.Cli.Tests.Evaluation.ScienceQa;

[Trait("Suite", "Evaluation")]
public sealed class ScienceQaLetterTests
{
    [Theory]
    [InlineData("A", "A")]
    [InlineData("E. x", "E")]
    [InlineData("A.", "FAILED")]
    [InlineData("A.x", "FAILED")]
    [InlineData("F", "FAILED")]
    [InlineData("So: The answer is F.", "F")]
    [InlineData("The answer is B", "FAILED")]
    [InlineData("The answer is B\n", "FAILED")]
    [InlineData("The answer is B\r", "B")]
    [InlineData("The answer is B. The answer is B.", "FAILED")]
    [InlineData("", "FAILED")]
    public void Find_Answer_GivesTheLetterOrFails(string answer, string expected) =>
        Assert.Equal(expected, ScienceQaLetter.Find(answer));

    [Theory]
    [InlineData("B", 2, 1)]
    [InlineData("C", 2, -1)]
    [InlineData("F", 9, -1)]
    [InlineData("FAILED", 5, -1)]
    public void IndexOf_LetterBeyondTheChoices_IsNone(string letter, int choices, int expected) =>
        Assert.Equal(expected, ScienceQaLetter.IndexOf(letter, choices));
}
