using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class PythonTextTests
{
    [Theory]
    [InlineData(" \t\n a b \u3000\u00a0", "a b")]
    [InlineData("\u001c\u001fa\u0085\u2028", "a")]
    [InlineData("\u200ba", "\u200ba")]
    [InlineData(" \n", "")]
    public void Trim_AnySpaces_EqualsPythonStrip(string text, string expected) =>
        Assert.Equal(expected, PythonText.Trim(text).ToString());
}
