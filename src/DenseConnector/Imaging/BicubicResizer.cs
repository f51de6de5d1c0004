using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DenseConnector.Imaging;

/// <summary>Resizes 8-bit RGB exactly as Pillow's <c>Image.resize(size, BICUBIC)</c> does.</summary>
/// <remarks>
/// Two passes, rows first, each only where the length changes, with 8-bit values in between; sums are fixed point
/// (<see cref="BicubicWeights"/>), start at one half, and are clipped to 0..255. Source: Pillow 9.4,
/// <c>libImaging/Resample.c</c>. Only the wanted window of the output is computed. Stateless; safe from any thread.
/// </remarks>
internal static class BicubicResizer
{
    private const int Half = 1 << (BicubicWeights.FractionBits - 1);

    /// <summary>Bytes that may be read behind a row: a block of weights that are zero there, and a full vector.</summary>
    private const int Slack = 32;

    /// <summary>Resizes a whole picture.</summary>
    /// <param name="rgb"><c>[size.Height, size.Width, 3]</c>.</param>
    /// <param name="size">Size of the picture.</param>
    /// <param name="resized">Size wanted.</param>
    /// <returns><c>[resized.Height, resized.Width, 3]</c>.</returns>
    public static byte[] Resize(ReadOnlyMemory<byte> rgb, PixelSize size, PixelSize resized)
    {
        byte[] result = GC.AllocateUninitializedArray<byte>(resized.Width * resized.Height * 3);
        Resize(FramedPicture.Bare(rgb, size), resized, PixelWindow.All(resized), result, resized.Width * 3);
        return result;
    }

    /// <summary>Resizes a framed picture and writes a part of the result.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="resized">Size of the whole result.</param>
    /// <param name="window">The part of the result to write; inside it.</param>
    /// <param name="target"><c>[window.Height, window.Width, 3]</c>, rows <paramref name="targetStride"/> apart.</param>
    /// <param name="targetStride">Bytes from one row of the target to the next.</param>
    public static void Resize(
        in FramedPicture source, PixelSize resized, PixelWindow window, Span<byte> target, int targetStride)
    {
        if (window.Width == 0 || window.Height == 0)
        {
            return;
        }

        BicubicWeights? across = source.Size.Width == resized.Width
            ? null
            : new BicubicWeights(source.Size.Width, resized.Width, window.Left, window.Width);
        BicubicWeights? down = source.Size.Height == resized.Height
            ? null
            : new BicubicWeights(source.Size.Height, resized.Height, window.Top, window.Height);

        // The rows the second pass reads, less those of pure background, which are all equal: one stands for them.
        int firstRow = down?.First(0) ?? window.Top;
        int endRow = down?.End(window.Height - 1) ?? (window.Top + window.Height);
        int firstPictureRow = Math.Clamp(firstRow, source.Top, source.Top + source.Picture.Height);
        int endPictureRow = Math.Clamp(endRow, firstPictureRow, source.Top + source.Picture.Height);

        // Rows are a whole number of vectors long, so the second pass has no remainder.
        int stride = ((window.Width * 3) + Slack - 1) / Slack * Slack;
        int pictureRows = endPictureRow - firstPictureRow;
        byte[] narrowed = ArrayPool<byte>.Shared.Rent(checked((pictureRows + 1) * stride) + Slack);
        byte[] scratch = ArrayPool<byte>.Shared.Rent((source.Size.Width * 3) + Slack);
        try
        {
            Span<byte> background = narrowed.AsSpan(pictureRows * stride, stride);
            FillWithBackground(scratch.AsSpan(0, source.Size.Width * 3), source);
            Narrow(scratch, across, window, background);
            for (int row = 0; row < pictureRows; row++)
            {
                ReadOnlySpan<byte> pixels = Row(source, firstPictureRow - source.Top + row, scratch);
                Narrow(pixels, across, window, narrowed.AsSpan(row * stride, stride));
            }

            byte[] line = ArrayPool<byte>.Shared.Rent(stride);
            for (int row = 0; row < window.Height; row++)
            {
                if (down is null)
                {
                    int at = window.Top + row;
                    (at >= firstPictureRow && at < endPictureRow
                        ? narrowed.AsSpan((at - firstPictureRow) * stride, stride)
                        : background)[..(window.Width * 3)].CopyTo(target[(row * targetStride)..]);
                }
                else
                {
                    Combine(narrowed, background, stride, down, row, firstPictureRow, endPictureRow, line);
                    line.AsSpan(0, window.Width * 3).CopyTo(target[(row * targetStride)..]);
                }
            }

            ArrayPool<byte>.Shared.Return(line);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
            ArrayPool<byte>.Shared.Return(narrowed);
        }
    }

    private static void FillWithBackground(Span<byte> row, in FramedPicture source)
    {
        (byte red, byte green, byte blue) = source.Background;
        for (int i = 0; i < row.Length; i += 3)
        {
            row[i] = red;
            row[i + 1] = green;
            row[i + 2] = blue;
        }
    }

    /// <summary>
    /// A row of the framed picture with at least <see cref="Slack"/> readable bytes behind it; copied into
    /// <paramref name="scratch"/>, which holds background, unless the picture's own memory will do.
    /// </summary>
    private static ReadOnlySpan<byte> Row(in FramedPicture source, int row, byte[] scratch)
    {
        int length = source.Picture.Width * 3;
        ReadOnlySpan<byte> fromRow = source.Rgb.Span[(row * length)..];
        if (source.Picture.Width == source.Size.Width && fromRow.Length >= length + Slack)
        {
            return fromRow;
        }

        fromRow[..length].CopyTo(scratch.AsSpan(source.Left * 3));
        return scratch;
    }

    /// <summary>First pass over one row: <c>[width, 3]</c> → <c>[window.Width, 3]</c>.</summary>
    private static void Narrow(
        ReadOnlySpan<byte> row, BicubicWeights? across, PixelWindow window, Span<byte> target)
    {
        if (across is null)
        {
            row.Slice(window.Left * 3, window.Width * 3).CopyTo(target);
            return;
        }

        // One pixel in each vector: three bytes of the row, widened to the four 32-bit lanes.
        const byte none = 255;
        Vector128<byte> pixel0 = Vector128.Create(
            0, none, none, none, 1, none, none, none, 2, none, none, none, none, none, none, none);
        Vector128<byte> pixel1 = Vector128.Create(
            3, none, none, none, 4, none, none, none, 5, none, none, none, none, none, none, none);
        Vector128<byte> pixel2 = Vector128.Create(
            6, none, none, none, 7, none, none, none, 8, none, none, none, none, none, none, none);
        Vector128<byte> pixel3 = Vector128.Create(
            9, none, none, none, 10, none, none, none, 11, none, none, none, none, none, none, none);
        ref byte start = ref MemoryMarshal.GetReference(row);
        for (int x = 0; x < window.Width; x++)
        {
            ReadOnlySpan<int> weights = across.Padded(x);
            ref byte pixels = ref Unsafe.Add(ref start, across.First(x) * 3);
            Vector128<int> even = Vector128.Create(Half);
            Vector128<int> odd = Vector128<int>.Zero;
            for (int tap = 0; tap < weights.Length; tap += BicubicWeights.Block)
            {
                Vector128<byte> four = Vector128.LoadUnsafe(ref pixels, (nuint)(tap * 3));
                even += Vector128.Shuffle(four, pixel0).AsInt32() * weights[tap];
                odd += Vector128.Shuffle(four, pixel1).AsInt32() * weights[tap + 1];
                even += Vector128.Shuffle(four, pixel2).AsInt32() * weights[tap + 2];
                odd += Vector128.Shuffle(four, pixel3).AsInt32() * weights[tap + 3];
            }

            Vector128<int> sum = Clip(even + odd);
            target[x * 3] = (byte)sum[0];
            target[(x * 3) + 1] = (byte)sum[1];
            target[(x * 3) + 2] = (byte)sum[2];
        }
    }

    /// <summary>Second pass for one row of the result: the weighted sum of rows, <c>[stride]</c> bytes.</summary>
    private static void Combine(
        ReadOnlySpan<byte> rows,
        ReadOnlySpan<byte> background,
        int stride,
        BicubicWeights down,
        int row,
        int firstPictureRow,
        int endPictureRow,
        Span<byte> target)
    {
        // Background rows are all equal, so their weights are added up first; integer sums make that exact.
        int first = Math.Clamp(firstPictureRow, down.First(row), down.End(row));
        int end = Math.Clamp(endPictureRow, first, down.End(row));
        ReadOnlySpan<int> all = down.Weights(row);
        ReadOnlySpan<int> weights = all[(first - down.First(row))..(end - down.First(row))];
        int backgroundWeight = Sum(all) - Sum(weights);

        ref byte top = ref Unsafe.Add(
            ref MemoryMarshal.GetReference(rows), weights.IsEmpty ? 0 : (first - firstPictureRow) * stride);
        for (int x = 0; x < stride; x += Vector128<byte>.Count)
        {
            (Vector128<int> sum0, Vector128<int> sum1, Vector128<int> sum2, Vector128<int> sum3) =
                Widen(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(background), (nuint)x));
            Vector128<int> half = Vector128.Create(Half);
            sum0 = (sum0 * backgroundWeight) + half;
            sum1 = (sum1 * backgroundWeight) + half;
            sum2 = (sum2 * backgroundWeight) + half;
            sum3 = (sum3 * backgroundWeight) + half;

            ref byte pixels = ref Unsafe.Add(ref top, x);
            foreach (int weight in weights)
            {
                (Vector128<int> v0, Vector128<int> v1, Vector128<int> v2, Vector128<int> v3) =
                    Widen(Vector128.LoadUnsafe(ref pixels));
                sum0 += v0 * weight;
                sum1 += v1 * weight;
                sum2 += v2 * weight;
                sum3 += v3 * weight;
                pixels = ref Unsafe.Add(ref pixels, stride);
            }

            Vector128.Narrow(
                Vector128.Narrow(Clip(sum0).AsUInt32(), Clip(sum1).AsUInt32()),
                Vector128.Narrow(Clip(sum2).AsUInt32(), Clip(sum3).AsUInt32()))
                .StoreUnsafe(ref MemoryMarshal.GetReference(target), (nuint)x);
        }
    }

    private static int Sum(ReadOnlySpan<int> weights)
    {
        int sum = 0;
        foreach (int weight in weights)
        {
            sum += weight;
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<int> A, Vector128<int> B, Vector128<int> C, Vector128<int> D) Widen(
        Vector128<byte> bytes)
    {
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(bytes);
        (Vector128<uint> a, Vector128<uint> b) = Vector128.Widen(low);
        (Vector128<uint> c, Vector128<uint> d) = Vector128.Widen(high);
        return (a.AsInt32(), b.AsInt32(), c.AsInt32(), d.AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Clip(Vector128<int> sum) =>
        Vector128.Clamp(sum >> BicubicWeights.FractionBits, Vector128<int>.Zero, Vector128.Create(255));
}
