using DenseConnector.Tests.Imaging;

namespace DenseConnector.Tests;

public sealed class ImageInputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("denseconnector-image").FullName;

    private static string Photo => Path.Combine(TestPictures.Golden, "photo_1000x700.jpg");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task LoadAsync_Picture_GivesSizeAndPixels()
    {
        ImageInput image = await ImageInput.LoadAsync(Photo);

        Assert.Equal((1000, 700, 1000 * 700 * 3), (image.Width, image.Height, image.Pixels.Length));
    }

    [Fact]
    public async Task LoadAsync_MissingFile_SaysSoAndNamesTheCurrentFolder()
    {
        InvalidImageException error = await Assert.ThrowsAsync<InvalidImageException>(
            () => ImageInput.LoadAsync("no/such/street.jpg"));

        Assert.Equal("no/such/street.jpg", error.Image);
        Assert.Contains("does not exist", error.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.CurrentDirectory, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_Folder_SaysItIsAFolder() =>
        Assert.Contains("is a folder", await LoadError(_folder), StringComparison.Ordinal);

    [Fact]
    public async Task LoadAsync_WebAddress_SaysToDownload() => Assert.Contains(
        "is a web address", await LoadError("https://example.com/cat.jpg"), StringComparison.Ordinal);

    [Fact]
    public async Task LoadAsync_TextFile_NamesTheAcceptedFormats()
    {
        string path = Path.Combine(_folder, "notes.txt");
        await File.WriteAllTextAsync(path, "These are my notes.\n");

        Assert.Equal(
            $"{path}: is text, which is not read; convert it to a JPEG, PNG, WebP, GIF or BMP picture.",
            await LoadError(path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public async Task LoadAsync_EmptyPath_ThrowsArgumentException(string path) =>
        await Assert.ThrowsAsync<ArgumentException>(() => ImageInput.LoadAsync(path));

    [Fact]
    public async Task LoadAsync_Canceled_Throws() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ImageInput.LoadAsync(Photo, cancellationToken: new CancellationToken(canceled: true)));

    [Fact]
    public async Task FromStreamAsync_FromTheMiddle_ReadsFromThePositionAndLeavesTheStreamOpen()
    {
        using MemoryStream stream = new([1, 2, 3, .. await File.ReadAllBytesAsync(Photo)]);
        stream.Position = 3;

        ImageInput image = await ImageInput.FromStreamAsync(stream);

        Assert.Equal(await ImageInput.LoadAsync(Photo), image);
        Assert.True(stream.CanRead);
    }

    [Fact]
    public async Task FromStreamAsync_NotAPicture_StopsBeforeReadingItAll()
    {
        using MemoryStream stream = new(new byte[10 << 20]);

        await Assert.ThrowsAsync<InvalidImageException>(() => ImageInput.FromStreamAsync(stream));

        Assert.InRange(stream.Position, 0, 1 << 20);
    }

    [Fact]
    public void FromBytes_NoBytes_Throws() => Assert.Equal(
        "the image bytes: has no bytes, expected a JPEG, PNG, WebP, GIF or BMP picture.",
        Assert.Throws<InvalidImageException>(() => ImageInput.FromBytes(default)).Message);

    [Fact]
    public async Task FromBytes_MorePixelsThanAllowed_NamesTheOption()
    {
        byte[] encoded = await File.ReadAllBytesAsync(Photo);
        ImageOptions options = new() { MaxPixels = 699_999 };

        string message = Assert.Throws<InvalidImageException>(() => ImageInput.FromBytes(encoded, options)).Message;

        Assert.Contains("1000 x 700 = 700,000 pixels, the limit is 699,999", message, StringComparison.Ordinal);
        Assert.Contains("ImageOptions.MaxPixels", message, StringComparison.Ordinal);
        Assert.Equal(1000, ImageInput.FromBytes(encoded, options with { MaxPixels = 700_000 }).Width);
    }

    [Fact]
    public async Task FromBytes_ExifOrientation_IsAppliedOnRequestOnly()
    {
        byte[] encoded = await File.ReadAllBytesAsync(Path.Combine(TestPictures.Golden, "exif6_640x480.jpg"));

        ImageInput asStored = ImageInput.FromBytes(encoded);
        ImageInput upright = ImageInput.FromBytes(encoded, new ImageOptions { ApplyExifOrientation = true });

        Assert.Equal((640, 480), (asStored.Width, asStored.Height));
        Assert.Equal((480, 640), (upright.Width, upright.Height));
    }

    [Fact]
    public void FromPixels_Bytes_AreCopied()
    {
        byte[] rgb = [1, 2, 3, 4, 5, 6];
        ImageInput image = ImageInput.FromPixels(2, 1, rgb);

        rgb[0] = 99;

        Assert.Equal([1, 2, 3, 4, 5, 6], image.Pixels.ToArray());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(-1, 1)]
    [InlineData(65_536, 1)]
    [InlineData(1, 65_536)]
    public void FromPixels_ImpossibleSide_ThrowsArgumentOutOfRange(int width, int height) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageInput.FromPixels(width, height, new byte[3]));

    [Theory]
    [InlineData(11)]
    [InlineData(13)]
    public void FromPixels_WrongNumberOfBytes_SaysHowMany(int bytes) => Assert.StartsWith(
        $"2 x 2 RGB pixels are 12 bytes, found {bytes}.",
        Assert.Throws<ArgumentException>(() => ImageInput.FromPixels(2, 2, new byte[bytes])).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Equals_SamePixels_AreEqualAndHashAlike()
    {
        ImageInput image = TestPictures.Noise(20, 10);
        ImageInput same = ImageInput.FromPixels(20, 10, image.Pixels.Span);

        Assert.Equal(image, same);
        Assert.Equal(image.GetHashCode(), same.GetHashCode());
        Assert.Equal(image.ContentHash.ToArray(), same.ContentHash.ToArray());
    }

    [Fact]
    public void Equals_OtherSizeOrPixels_AreDifferent()
    {
        ImageInput image = TestPictures.Noise(20, 10);
        ImageInput turned = ImageInput.FromPixels(10, 20, image.Pixels.Span);
        byte[] rgb = image.Pixels.ToArray();
        rgb[^1] ^= 1;
        ImageInput changed = ImageInput.FromPixels(20, 10, rgb);

        Assert.NotEqual(image, turned);
        Assert.NotEqual(image, changed);
        Assert.NotEqual(image.ContentHash.ToArray(), turned.ContentHash.ToArray());
        Assert.NotEqual(image.ContentHash.ToArray(), changed.ContentHash.ToArray());
    }

    [Fact]
    public void ToString_Always_ShowsTheSizeOnly() =>
        Assert.Equal("ImageInput { Width = 20, Height = 10 }", TestPictures.Noise(20, 10).ToString());

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void MaxPixels_OutOfRange_NamesTheOption(long pixels) => Assert.Equal(
        "MaxPixels",
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageOptions { MaxPixels = pixels }).ParamName);

    private static async Task<string> LoadError(string path) =>
        (await Assert.ThrowsAsync<InvalidImageException>(() => ImageInput.LoadAsync(path))).Message;
}
