namespace DenseConnector.Tests;

public sealed class ChatClientOptionsTests
{
    [Fact]
    public void Constructor_Defaults_LetMessagesReadNothing()
    {
        ChatClientOptions options = new();

        Assert.False(options.AllowFileUris);
        Assert.Null(options.OpenRemoteImage);
        Assert.Equal(20L << 20, options.MaxRemoteImageBytes);
        Assert.Equal(TimeSpan.FromSeconds(30), options.RemoteImageTimeout);
        Assert.Equal(new ImageOptions(), options.Images);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void MaxRemoteImageBytes_OutOfRange_SaysTheRange(long value)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(
            () => new ChatClientOptions { MaxRemoteImageBytes = value });
        Assert.StartsWith(
            $"MaxRemoteImageBytes is {value}, expected at least 1 byte.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(30)]
    public void RemoteImageTimeout_OutOfRange_SaysTheRange(int days)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(
            () => new ChatClientOptions { RemoteImageTimeout = TimeSpan.FromDays(days) });
        Assert.Contains("expected more than zero and at most 24 days", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_Null_Throws() =>
        Assert.Throws<ArgumentNullException>(() => new ChatClientOptions { Images = null! });
}
