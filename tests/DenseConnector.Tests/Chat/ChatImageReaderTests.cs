using DenseConnector.Chat;
using DenseConnector.Tests.Loading;
using Microsoft.Extensions.AI;

namespace DenseConnector.Tests.Chat;

public sealed class ChatImageReaderTests
{
    private const string Name = "picture 1 of message 1";

    private static readonly ColoredPicture Red = new(255, 0, 0);

    [Fact]
    public async Task ReadAsync_FileUriByDefault_IsRefused()
    {
        using TemporaryFolder folder = new();
        await RefusedAsync(new(), FileUri(folder), $"{Name} is a file, which messages may not name here.");
    }

    [Fact]
    public async Task ReadAsync_FileUriAllowed_IsRead()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(Red.Image, await ReadAsync(new() { AllowFileUris = true }, FileUri(folder)));
    }

    [Theory]
    [InlineData("file://server/share/a.png", "the URI scheme 'file' of another machine")]
    [InlineData("http://example.org/a.png", "the URI scheme 'http'")]
    [InlineData("ftp://example.org/a.png", "the URI scheme 'ftp'")]
    public async Task ReadAsync_OtherUriThoughAllIsAllowed_IsRefused(string uri, string shown) =>
        await RefusedAsync(
            new() { AllowFileUris = true, OpenRemoteImage = (_, _) => throw new InvalidOperationException() },
            new Uri(uri),
            $"{Name} has {shown};");

    [Fact]
    public async Task ReadAsync_HttpsUriByDefault_IsRefused() =>
        await RefusedAsync(
            new() { AllowFileUris = true },
            new Uri("https://example.org/a.png"),
            $"{Name} is a web address, and no pictures are fetched here.");

    [Fact]
    public async Task ReadAsync_HttpsUriAllowed_OpensItAndDisposesTheStream()
    {
        Uri address = new("https://example.org/a.png?key=secret");
        Uri? opened = null;
        MemoryStream stream = new(Red.Png);
        ChatClientOptions options = new()
        {
            OpenRemoteImage = (uri, _) =>
            {
                opened = uri;
                return Task.FromResult<Stream>(stream);
            },
        };

        Assert.Equal(Red.Image, await ReadAsync(options, address));
        Assert.Equal(address, opened);
        Assert.False(stream.CanRead);
    }

    [Fact]
    public async Task ReadAsync_RemotePictureOfTooManyBytes_SaysTheMost()
    {
        ChatClientOptions options = new()
        {
            OpenRemoteImage = (_, _) => Task.FromResult<Stream>(new MemoryStream(Red.Png)),
            MaxRemoteImageBytes = Red.Png.Length - 1,
        };

        InvalidImageException error = await FailsAsync(options);

        Assert.StartsWith(
            $"https://example.org/a.png: has more than {Red.Png.Length - 1} bytes", error.Message,
            StringComparison.Ordinal);
        Assert.Equal(
            Red.Image,
            await ReadAsync(options with { MaxRemoteImageBytes = Red.Png.Length }, new Uri("https://example.org/b")));
    }

    [Fact]
    public async Task ReadAsync_RemotePictureThatNeverComes_EndsAfterTheTimeout()
    {
        InvalidImageException error = await FailsAsync(new()
        {
            OpenRemoteImage = async (_, token) =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return Stream.Null;
            },
            RemoteImageTimeout = TimeSpan.FromMilliseconds(20),
        });

        Assert.StartsWith(
            "https://example.org/a.png: was not read within 0.02 seconds", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_CancelledWhileOpening_IsNoTimeout()
    {
        using CancellationTokenSource source = new();
        ChatImageReader reader = new(new()
        {
            OpenRemoteImage = async (_, token) =>
            {
                await source.CancelAsync();
                token.ThrowIfCancellationRequested();
                return Stream.Null;
            },
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => reader.ReadAsync(Content(new("https://example.org/a.png")), Name, source.Token));
    }

    [Fact]
    public async Task ReadAsync_FetchFails_NamesTheAddressWithoutItsQuery()
    {
        InvalidImageException error = await FailsAsync(
            new() { OpenRemoteImage = (_, _) => throw new HttpRequestException("status 404") });

        Assert.Equal("https://example.org/a.png: cannot be fetched (status 404)", error.Message);
        Assert.IsType<HttpRequestException>(error.InnerException);
    }

    [Fact]
    public async Task ReadAsync_TooManyPixels_IsRefusedWherever()
    {
        ChatClientOptions options = new() { AllowFileUris = true, Images = new ImageOptions { MaxPixels = 3 } };
        using TemporaryFolder folder = new();

        Assert.Throws<InvalidImageException>(() => new ChatImageReader(options).Read(Red.Content, Name));
        await Assert.ThrowsAsync<InvalidImageException>(() => ReadAsync(options, FileUri(folder)));
    }

    private static Uri FileUri(TemporaryFolder folder)
    {
        string path = Path.Combine(folder.Path, "a picture.png");
        File.WriteAllBytes(path, Red.Png);
        return new Uri(path);
    }

    private static UriContent Content(Uri uri) => new(uri, "image/png");

    private static Task<ImageInput> ReadAsync(ChatClientOptions options, Uri uri) =>
        new ChatImageReader(options).ReadAsync(Content(uri), Name, default);

    private static async Task RefusedAsync(ChatClientOptions options, Uri uri, string message)
    {
        NotSupportedException error = await Assert.ThrowsAsync<NotSupportedException>(() => ReadAsync(options, uri));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    private static Task<InvalidImageException> FailsAsync(ChatClientOptions options) =>
        Assert.ThrowsAsync<InvalidImageException>(
            () => ReadAsync(options, new Uri("https://example.org/a.png?key=secret")));
}
