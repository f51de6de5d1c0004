using System.Text;
using DenseConnector.Imaging;

namespace DenseConnector.Tests.Imaging;

public sealed class PictureSignatureTests
{
    [Theory]
    [InlineData("FFD8FFE000104A46", PictureFormat.Jpeg)]
    [InlineData("89504E470D0A1A0A0000000D49484452", PictureFormat.Png)]
    [InlineData("52494646AABBCCDD57454250", PictureFormat.WebP)]
    [InlineData("474946383761", PictureFormat.Gif)]
    [InlineData("474946383961", PictureFormat.Gif)]
    [InlineData("424D0000", PictureFormat.Bmp)]
    internal void Identify_AcceptedFormat_NamesIt(string start, PictureFormat expected) =>
        Assert.Equal(expected, PictureSignature.Identify("x", Convert.FromHexString(start)));

    [Theory]
    [InlineData("49492A0008000000", "a TIFF picture")]
    [InlineData("4D4D002A00000008", "a TIFF picture")]
    [InlineData("0000001C6674797061766966", "an AVIF picture")]
    [InlineData("0000001C6674797068656963", "a HEIC picture")]
    [InlineData("0000001C6674797069736F6D", "a video")]
    [InlineData("0000000C6A5020200D0A870A", "a JPEG 2000 picture")]
    [InlineData("FF0A000000000000", "a JPEG XL picture")]
    [InlineData("0000010001001010", "an ICO picture")]
    [InlineData("255044462D312E37", "a PDF document")]
    [InlineData("504B030414000000", "a ZIP archive")]
    public void Identify_KnownOtherFormat_SaysWhatItIs(string start, string kind)
    {
        string message = Refuse(Convert.FromHexString(start));

        Assert.Equal(
            $"cat.jpg: is {kind}, which is not read; convert it to a JPEG, PNG, WebP, GIF or BMP picture.", message);
    }

    [Theory]
    [InlineData("<svg xmlns=")]
    [InlineData("<!DOCTYPE html>")]
    [InlineData("Straße")]
    public void Identify_Text_SaysSo(string text) =>
        Assert.Contains("is text", Refuse(Encoding.UTF8.GetBytes(text)), StringComparison.Ordinal);

    [Theory]
    [InlineData("00")]
    [InlineData("0000000000000000000000000000000000000000")]
    [InlineData("89504E47")]
    [InlineData("FFD8")]
    [InlineData("5249464600000000")]
    public void Identify_UnknownOrTooShort_NamesTheAcceptedFormats(string start) =>
        Assert.Contains(
            "is not a JPEG, PNG, WebP", Refuse([.. Convert.FromHexString(start), 0]), StringComparison.Ordinal);

    private static string Refuse(byte[] start) => Assert.Throws<InvalidImageException>(
        () => { PictureSignature.Identify("cat.jpg", start); }).Message;
}
