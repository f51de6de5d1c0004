using DenseConnector.Cli.Evaluation.Reporting;

namespace DenseConnector.Cli.Tests.Evaluation.Reporting;

public sealed class MarkdownReportTests
{
    [Fact]
    public void Write_Table_HasHeadAndAlignment()
    {
        string[] lines = Write("model");

        Assert.Equal(
            "| Model | Benchmark | Metric | This run | Zoo | Difference | Answered | Failed | Settings | Official | " +
            "Marks |",
            lines[0]);
        Assert.Equal("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- | --- | --- |", lines[1]);
        Assert.Equal("| model | b | c | d | e | f | g | h | i | j | k |", lines[2]);
    }

    [Theory]
    [InlineData("a|b", @"a\|b")]
    [InlineData(@"a\|b", @"a\\\|b")]
    [InlineData("a\r\nb", "a  b")]
    [InlineData("<img src=x>", @"\<img src=x\>")]
    [InlineData("[x](y) *b* _c_ `d` &lt; ~e~", @"\[x\](y) \*b\* \_c\_ \`d\` \&lt; \~e\~")]
    [InlineData("\"a\", b", "\"a\", b")]
    public void Write_NameWithMarks_StaysOneCell(string name, string written) =>
        Assert.Equal($"| {written} | b | c | d | e | f | g | h | i | j | k |", Write(name)[2]);

    private static string[] Write(string name) => MarkdownReport
        .Write(new ReportTable([[name, "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"]])).TrimEnd('\n').Split('\n');
}
