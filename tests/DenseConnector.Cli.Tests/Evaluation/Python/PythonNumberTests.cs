using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.Python;

[Trait("Suite", "Evaluation")]
public sealed class PythonNumberTests
{
    [Theory]
    [InlineData(0.125, 2, "0.12")]
    [InlineData(0.375, 2, "0.38")]
    [InlineData(2.675, 2, "2.67")]
    [InlineData(54.625, 2, "54.62")]
    [InlineData(99.996, 2, "100.00")]
    [InlineData(-0.0625, 3, "-0.062")]
    [InlineData(0, 3, "0.000")]
    [InlineData(double.NaN, 2, "nan")]
    public void Fixed_Tie_GoesToTheEvenDigit(double value, int decimals, string expected) =>
        Assert.Equal(expected, PythonNumber.Fixed(value, decimals));

    [Theory]
    [InlineData("101", 101)]
    [InlineData(" +1_0\n", 10)]
    [InlineData("-007", -7)]
    [InlineData("٣", 3)]
    public void TryParseInteger_AsPythonAllows_GivesTheNumber(string text, int expected)
    {
        Assert.True(PythonNumber.TryParseInteger(text, out var number));
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1_")]
    [InlineData("_1")]
    [InlineData("1__0")]
    [InlineData("1.0")]
    [InlineData("v3")]
    [InlineData("100_x")]
    [InlineData("- 1")]
    [InlineData("\u001c5")]
    public void TryParseInteger_Other_IsRefused(string text) =>
        Assert.False(PythonNumber.TryParseInteger(text, out _));
}
