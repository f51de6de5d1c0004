using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.Python;

[Trait("Suite", "Evaluation")]
public sealed class PythonTextTests
{
    [Theory]
    [InlineData("ÀÉ STRASSE", "àé strasse")]
    [InlineData("İ", "i\u0307")]
    [InlineData("ΟΔΟΣ.", "οδος.")]
    [InlineData("ΟΔΟΣ'Α Σ", "οδοσ'α σ")]
    [InlineData("\U00010400", "\U00010428")]
    [InlineData("\u212A", "k")]
    public void Lower_UnusualLetters_AreAsInPython(string text, string expected) =>
        Assert.Equal(expected, PythonText.Lower(text));

    [Fact]
    public void Strip_Separators_CountAsSpace() => Assert.Equal("a b", PythonText.Strip("\u001C\u3000 a b\u0085\n"));

    [Fact]
    public void Words_AnySpace_Separates() => Assert.Equal(["a", "b", "c"], PythonText.Words(" a\u001Fb \u00A0c\n"));
}
