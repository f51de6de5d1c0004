using DenseConnector.Cli.Evaluation.MmBench;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.MmBench;

/// <summary>The expected types are what pandas 1.5 gives for the same column.</summary>
[Trait("Suite", "Evaluation")]
public sealed class MmBenchColumnTests
{
    [Theory]
    [InlineData("5| 5", "5|5")]
    [InlineData("+5|-3 ", "5|-3")]
    [InlineData("007|8", "7|8")]
    [InlineData("5|~", "5.0|null")]
    [InlineData("1e3|2", "1000.0|2.0")]
    [InlineData(".5|1.", "0.5|1.0")]
    [InlineData("+Infinity|-inF", "Infinity|-Infinity")]
    [InlineData("1e400|2", "\"1e400\"|\"2\"")]
    [InlineData("tRUE|False", "true|false")]
    [InlineData("True|~", "true|null")]
    [InlineData("True| False", "\"True\"|\" False\"")]
    [InlineData("9223372036854775808|1", "9223372036854775808|1")]
    [InlineData("9223372036854775808|-1", "\"9223372036854775808\"|\"-1\"")]
    [InlineData("9223372036854775808|~", "\"9223372036854775808\"|null")]
    [InlineData("99999999999999999999|1", "\"99999999999999999999\"|\"1\"")]
    [InlineData("1_0|2", "\"1_0\"|\"2\"")]
    [InlineData("٥|2", "\"\\u0665\"|\"2\"")]
    [InlineData("1|x", "\"1\"|\"x\"")]
    [InlineData("~|~", "null|null")]
    public void Read_Texts_HaveOneType(string texts, string expected) => Assert.Equal(
        expected,
        string.Join('|', MmBenchColumn
            .Read([.. texts.Split('|').Select(text => text == "~" ? null : text)])
            .Select(value => PythonJson.Write(value))));
}
