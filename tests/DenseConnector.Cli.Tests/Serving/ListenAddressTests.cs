using DenseConnector.Cli.Serving;

namespace DenseConnector.Cli.Tests.Serving;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5000", true)]
    [InlineData("http://localhost:5000", true)]
    [InlineData("http://[::1]:5000", true)]
    [InlineData("http://0.0.0.0:5000", false)]
    [InlineData("http://[::]:5000", false)]
    [InlineData("http://*:5000", false)]
    [InlineData("http://+:5000", false)]
    [InlineData("http://192.168.1.5:5000", false)]
    [InlineData("http://localhost.example:5000", false)]
    public void Parse_Address_TellsWhoReachesIt(string url, bool loopback) =>
        Assert.Equal(loopback, Assert.Single(ListenAddress.ParseAll(url)).IsLoopback);

    [Fact]
    public void Parse_Several_GivesEach() =>
        Assert.Equal(
            ["http://127.0.0.1:1", "http://0.0.0.0:2"],
            ListenAddress.ParseAll("http://127.0.0.1:1; http://0.0.0.0:2").Select(address => address.Url));

    [Theory]
    [InlineData("https://127.0.0.1:5000", "proxy")]
    [InlineData("127.0.0.1:5000", "expected the form")]
    [InlineData("http://127.0.0.1:5000/path", "expected the form")]
    [InlineData("ftp://127.0.0.1", "expected the form")]
    public void Parse_OtherForms_AreRefused(string url, string problem) =>
        Assert.Contains(
            problem,
            Assert.Throws<ArgumentException>(() => ListenAddress.ParseAll(url)).Message,
            StringComparison.Ordinal);
}
