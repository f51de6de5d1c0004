using DenseConnector.Imaging;

namespace DenseConnector.Tests.Imaging;

public sealed class ExifOrientationTests
{
    // a b c
    // d e f
    private const string Stored = "abc/def";

    [Theory]
    [InlineData(0, "abc/def")]
    [InlineData(1, "abc/def")]
    [InlineData(2, "cba/fed")]
    [InlineData(3, "fed/cba")]
    [InlineData(4, "def/abc")]
    [InlineData(5, "ad/be/cf")]
    [InlineData(6, "da/eb/fc")]
    [InlineData(7, "fc/eb/da")]
    [InlineData(8, "cf/be/ad")]
    [InlineData(9, "abc/def")]
    public void Apply_Orientation_TurnsAndMirrors(int orientation, string upright) =>
        Assert.Equal(upright, Text(ExifOrientation.Apply(Picture(Stored), orientation)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Decode_JpegWithOrientation_AppliesItOnRequest(byte orientation)
    {
        byte[] jpeg = TestPictures.WithOrientation(
            File.ReadAllBytes(Path.Combine(TestPictures.Rare, "jpeg_1.jpg")), orientation);
        ImageInput stored = ImageInput.FromBytes(jpeg);
        DecodedPicture expected = ExifOrientation.Apply(
            new DecodedPicture(stored.Width, stored.Height, stored.Pixels.ToArray()), orientation);

        ImageInput upright = ImageInput.FromBytes(jpeg, new ImageOptions { ApplyExifOrientation = true });

        Assert.Equal(ImageInput.FromPixels(expected.Width, expected.Height, expected.Rgb), upright);
        Assert.Equal(orientation == 1, upright == stored);
    }

    private static DecodedPicture Picture(string text)
    {
        string[] rows = text.Split('/');
        byte[] rgb = [.. string.Concat(rows).SelectMany(letter => new[] { (byte)letter, (byte)letter, (byte)0 })];
        return new DecodedPicture(rows[0].Length, rows.Length, rgb);
    }

    private static string Text(DecodedPicture picture) => string.Join('/', Enumerable.Range(0, picture.Height).Select(
        y => string.Concat(Enumerable.Range(0, picture.Width).Select(
            x => (char)picture.Rgb[((y * picture.Width) + x) * 3]))));
}
