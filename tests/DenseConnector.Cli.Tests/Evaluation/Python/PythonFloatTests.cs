using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.Python;

[Trait("Suite", "Evaluation")]
public sealed class PythonFloatTests
{
    [Theory]
    [InlineData("5.", 5)]
    [InlineData(" .5\n", .5)]
    [InlineData("1_0.0_1e1_0", 10.01e10)]
    [InlineData("+1E-3", .001)]
    [InlineData("\u0661\u0662", 12)]
    [InlineData("\uff11.\uff15", 1.5)]
    [InlineData("\U0001D7D8", 0)]
    [InlineData("1e400", double.PositiveInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    [InlineData("+NaN", double.NaN)]
    public void Parse_PythonNumber_IsRead(string text, double expected) =>
        Assert.Equal(expected, PythonFloat.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("1__0")]
    [InlineData("_1")]
    [InlineData("1_.5")]
    [InlineData("+ 5")]
    [InlineData("1,000")]
    [InlineData("0x10")]
    [InlineData("\u00b2")]
    [InlineData("\u001c5")]
    [InlineData("\u0131nf")]
    [InlineData("5\n6")]
    public void Parse_AnythingElse_IsNone(string text) => Assert.Null(PythonFloat.Parse(text));

    [Theory]
    [InlineData(0.125, 2, 0.12)]
    [InlineData(0.375, 2, 0.38)]
    [InlineData(2.675, 2, 2.67)]
    [InlineData(-0.005, 2, -0.01)]
    [InlineData(1e300, 2, 1e300)]
    [InlineData(5e-324, 400, 5e-324)]
    [InlineData(15, -1, 20)]
    [InlineData(25, -1, 20)]
    [InlineData(1e300, -310, 0)]
    [InlineData(double.NegativeInfinity, 2, double.NegativeInfinity)]
    public void Round_Number_GoesByTheExactValue(double value, int places, double expected) =>
        Assert.Equal(expected, PythonFloat.Round(value, places));

    [Fact]
    public void Round_SmallNegative_KeepsTheSign() =>
        Assert.Equal("-0.0", PythonNumber.Repr(PythonFloat.Round(-0.001, 2)));
}
