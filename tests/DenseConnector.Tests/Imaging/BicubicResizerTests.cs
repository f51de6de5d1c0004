using CsCheck;
using DenseConnector.Imaging;

namespace DenseConnector.Tests.Imaging;

public sealed class BicubicResizerTests
{
    private static readonly Gen<PixelSize> Sizes =
        Gen.Select(Gen.Int[1, 90], Gen.Int[1, 90], (w, h) => new PixelSize(w, h));

    [Fact]
    public void Resize_SameSize_ChangesNothing()
    {
        ImageInput image = TestPictures.Noise(31, 17);

        Assert.Equal(
            image.Pixels.ToArray(),
            BicubicResizer.Resize(image.Pixels, new PixelSize(31, 17), new PixelSize(31, 17)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(254)]
    [InlineData(255)]
    public void Resize_OneColor_KeepsIt(byte level)
    {
        byte[] rgb = [.. Enumerable.Repeat(level, 300 * 200 * 3)];

        foreach (PixelSize size in new PixelSize[] { new(7, 9), new(400, 333), new(1, 1) })
        {
            Assert.All(
                BicubicResizer.Resize(rgb, new PixelSize(300, 200), size), value => Assert.Equal(level, value));
        }
    }

    [Fact]
    public void Resize_AnySizes_EqualsThePlainFormula() => Gen.Select(Sizes, Sizes, Gen.Int).Sample(
        (from, to, seed) =>
        {
            byte[] rgb = TestPictures.Noise(from.Width, from.Height, seed).Pixels.ToArray();
            return PlainResize(rgb, from, to).AsSpan().SequenceEqual(BicubicResizer.Resize(rgb, from, to));
        },
        iter: 200);

    [Fact]
    public void Resize_Window_IsThatPartOfTheWhole() => Gen.Select(Sizes, Sizes, Sizes, Gen.Int).Sample(
        (from, to, part, seed) =>
        {
            ReadOnlyMemory<byte> rgb = TestPictures.Noise(from.Width, from.Height, seed).Pixels;
            byte[] whole = BicubicResizer.Resize(rgb, from, to);
            PixelWindow window = new PixelWindow(
                part.Width % to.Width, part.Height % to.Height, part.Width, part.Height).Within(to);
            byte[] found = new byte[window.Width * window.Height * 3];

            BicubicResizer.Resize(FramedPicture.Bare(rgb, from), to, window, found, window.Width * 3);

            return found.AsSpan().SequenceEqual(Cut(whole, to, window));
        },
        iter: 200);

    [Fact]
    public void Resize_Framed_EqualsThePaddedPicture() => Gen.Select(Sizes, Sizes, Gen.Int).Sample(
        (from, to, seed) =>
        {
            ReadOnlyMemory<byte> rgb = TestPictures.Noise(from.Width, from.Height, seed).Pixels;
            FramedPicture framed = FramedPicture.Square(rgb, from, (200, 3, 104));
            byte[] found = new byte[to.Width * to.Height * 3];

            BicubicResizer.Resize(framed, to, PixelWindow.All(to), found, to.Width * 3);

            return found.AsSpan().SequenceEqual(BicubicResizer.Resize(Pad(framed), framed.Size, to));
        },
        iter: 200);

    [Theory]
    [InlineData(30, 90)]
    [InlineData(90, 30)]
    [InlineData(90, 90)]
    public void Resize_FramedWithAnUnchangedSide_EqualsThePaddedPicture(int width, int height)
    {
        PixelSize size = new(17, 90);
        PixelSize to = new(width, height);
        ReadOnlyMemory<byte> rgb = TestPictures.Noise(size.Width, size.Height).Pixels;
        FramedPicture framed = FramedPicture.Square(rgb, size, (200, 3, 104));
        PixelWindow window = new(5, 7, width - 9, height - 9);
        byte[] found = new byte[window.Width * window.Height * 3];

        BicubicResizer.Resize(framed, to, window, found, window.Width * 3);

        Assert.Equal(Cut(BicubicResizer.Resize(Pad(framed), framed.Size, to), to, window), found);
    }

    /// <summary>Pillow's arithmetic, one value at a time, with nothing left out.</summary>
    private static byte[] PlainResize(byte[] rgb, PixelSize from, PixelSize to)
    {
        byte[] across = PlainPass(rgb, from.Height, from.Width, to.Width, from.Width * 3, 3);
        byte[] turned = PlainPass(across, to.Width, from.Height, to.Height, 3, to.Width * 3);
        byte[] result = new byte[turned.Length];
        for (int x = 0; x < to.Width; x++)
        {
            for (int y = 0; y < to.Height; y++)
            {
                turned.AsSpan(((x * to.Height) + y) * 3, 3).CopyTo(result.AsSpan(((y * to.Width) + x) * 3));
            }
        }

        return result;
    }

    private static byte[] PlainPass(byte[] rgb, int lines, int from, int to, int lineStep, int pixelStep)
    {
        byte[] result = new byte[lines * to * 3];
        BicubicWeights all = new(from, to, 0, to, 0, from);
        for (int i = 0; i < result.Length; i++)
        {
            int pixel = i / 3 % to;
            int line = i / 3 / to;
            if (from == to)
            {
                result[i] = rgb[(line * lineStep) + (pixel * pixelStep) + (i % 3)];
                continue;
            }

            long sum = 1 << 21;
            for (int tap = all.First(pixel); tap < all.End(pixel); tap++)
            {
                sum += rgb[(line * lineStep) + (tap * pixelStep) + (i % 3)] *
                    (long)all.Weights(pixel)[tap - all.First(pixel)];
            }

            result[i] = (byte)Math.Clamp(sum >> 22, 0, 255);
        }

        return result;
    }

    private static byte[] Cut(byte[] rgb, PixelSize size, PixelWindow window) =>
    [
        .. Enumerable.Range(window.Top, window.Height).SelectMany(
            y => rgb.Skip(((y * size.Width) + window.Left) * 3).Take(window.Width * 3)),
    ];

    private static byte[] Pad(in FramedPicture framed)
    {
        byte[] padded = new byte[framed.Size.Width * framed.Size.Height * 3];
        for (int i = 0; i < padded.Length; i += 3)
        {
            int x = (i / 3 % framed.Size.Width) - framed.Left;
            int y = (i / 3 / framed.Size.Width) - framed.Top;
            if (x >= 0 && x < framed.Picture.Width && y >= 0 && y < framed.Picture.Height)
            {
                framed.Rgb.Span.Slice(((y * framed.Picture.Width) + x) * 3, 3).CopyTo(padded.AsSpan(i));
            }
            else
            {
                (padded[i], padded[i + 1], padded[i + 2]) = framed.Background;
            }
        }

        return padded;
    }
}
