using Microsoft.Extensions.AI;
using SkiaSharp;

namespace DenseConnector.Tests.Chat;

/// <summary>A small picture of one colour, as a PNG file and decoded.</summary>
internal sealed class ColoredPicture
{
    public ColoredPicture(byte red, byte green, byte blue)
    {
        using SKBitmap bitmap = new(2, 2);
        bitmap.Erase(new SKColor(red, green, blue));
        Png = bitmap.Encode(SKEncodedImageFormat.Png, 100).ToArray();
        Image = ImageInput.FromBytes(Png);
    }

    public byte[] Png { get; }

    public ImageInput Image { get; }

    public DataContent Content => new(Png, "image/png");
}
