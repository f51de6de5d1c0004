using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DenseConnector.Imaging;

/// <summary>Resizes 8-bit RGB exactly as Pillow's <c>Image.resize(size, BICUBIC)</c> does.</summary>
/// <remarks>
/// Two passes, rows first, each only where the length changes, with 8-bit values in between; sums are fixed point
/// (<see cref="BicubicWeights"/>), rounded by adding one half, and clipped to 0..255. Source: Pillow 9.4,
/// <c>libImaging/Resample.c</c>. The cost depends on the picture and the wanted window, not on the frame or on the rest
/// of the result. Stateless; safe from any thread.
/// </remarks>
internal static class BicubicResizer
{
    private const int Half = 1 << (BicubicWeights.FractionBits - 1);

    /// <summary>Bytes that may be read behind a row (the weights there are zero); at least a full vector.</summary>
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
    /// <param name="destination">
    /// <c>[window.Height, window.Width, 3]</c>, rows <paramref name="destinationStride"/> apart.
    /// </param>
    /// <param name="destinationStride">Bytes from one row of the destination to the next.</param>
    public static void Resize(
        in FramedPicture source, PixelSize resized, PixelWindow window, Span<byte> destination, int destinationStride)
    {
        if (window.Width == 0 || window.Height == 0)
        {
            return;
        }

        (byte red, byte green, byte blue) = source.Background;
        Vector128<int> background = Vector128.Create(red, green, blue, 0);
        BicubicWeights? across = source.Size.Width == resized.Width ? null : new BicubicWeights(
            source.Size.Width, resized.Width, window.Left, window.Width, source.Left, source.Picture.Width);
        BicubicWeights? down = source.Size.Height == resized.Height ? null : new BicubicWeights(
            source.Size.Height, resized.Height, window.Top, window.Height, source.Top, source.Picture.Height);

        // The picture's rows that the second pass reads.
        int firstRow = down?.First(0) ?? Math.Clamp(window.Top - source.Top, 0, source.Picture.Height);
        int endRow = down?.End(window.Height - 1) ??
            Math.Clamp(window.Top + window.Height - source.Top, firstRow, source.Picture.Height);
        int rows = endRow - firstRow;

        // Rows are a whole number of vectors long, so the second pass has no remainder.
        int stride = ((window.Width * 3) + Slack - 1) / Slack * Slack;
        byte[] narrowed = ArrayPool<byte>.Shared.Rent(checked((rows + 2) * stride));
        byte[] scratch = ArrayPool<byte>.Shared.Rent((source.Picture.Width * 3) + Slack);
        try
        {
            Span<byte> line = narrowed.AsSpan(rows * stride, stride);
            Span<byte> backgroundRow = narrowed.AsSpan((rows + 1) * stride, stride);
            for (int x = 0; x < window.Width; x++)
            {
                Store(across is null ? background : Scale(background * across.Total(x)), backgroundRow[(x * 3)..]);
            }

            for (int row = 0; row < rows; row++)
            {
                ReadOnlySpan<byte> pixels = Row(source, firstRow + row, scratch);
                Span<byte> target = narrowed.AsSpan(row * stride, stride);
                if (across is null)
                {
                    backgroundRow.CopyTo(target);
                    Copy(pixels, source, window, target);
                }
                else
                {
                    Narrow(pixels, across, background, target[..(window.Width * 3)]);
                }
            }

            for (int y = 0; y < window.Height; y++)
            {
                Span<byte> result = line;
                if (down is not null)
                {
                    Combine(narrowed.AsSpan(0, rows * stride), stride, down, y, firstRow, backgroundRow, line);
                }
                else
                {
                    int row = window.Top + y - source.Top - firstRow;
                    result = row >= 0 && row < rows ? narrowed.AsSpan(row * stride, stride) : backgroundRow;
                }

                result[..(window.Width * 3)].CopyTo(destination[(y * destinationStride)..]);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
            ArrayPool<byte>.Shared.Return(narrowed);
        }
    }

    /// <summary>
    /// A row of the picture with at least <see cref="Slack"/> readable bytes behind it; copied into
    /// <paramref name="scratch"/> unless the picture's own memory will do.
    /// </summary>
    private static ReadOnlySpan<byte> Row(in FramedPicture source, int row, byte[] scratch)
    {
        int length = source.Picture.Width * 3;
        ReadOnlySpan<byte> fromRow = source.Rgb.Span[(row * length)..];
        if (fromRow.Length >= length + Slack)
        {
            return fromRow;
        }

        fromRow[..length].CopyTo(scratch);
        return scratch;
    }

    /// <summary>Copies what the window shows of a row, where its length does not change.</summary>
    private static void Copy(
        ReadOnlySpan<byte> row, in FramedPicture source, PixelWindow window, Span<byte> target)
    {
        int first = Math.Max(window.Left, source.Left);
        int end = Math.Min(window.Left + window.Width, source.Left + source.Picture.Width);
        if (first < end)
        {
            row.Slice((first - source.Left) * 3, (end - first) * 3).CopyTo(target[((first - window.Left) * 3)..]);
        }
    }

    /// <summary>First pass over one row: <c>[picture.Width, 3]</c> → <c>[window.Width, 3]</c>.</summary>
    private static void Narrow(
        ReadOnlySpan<byte> row, BicubicWeights across, Vector128<int> background, Span<byte> target)
    {
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
        for (int x = 0; x * 3 < target.Length; x++)
        {
            ReadOnlySpan<int> weights = across.Padded(x);
            ref byte pixels = ref Unsafe.Add(ref start, across.First(x) * 3);
            Vector128<int> even = background * across.Outside(x);
            Vector128<int> odd = Vector128<int>.Zero;
            for (int tap = 0; tap < weights.Length; tap += BicubicWeights.Block)
            {
                Vector128<byte> four = Vector128.LoadUnsafe(ref pixels, (nuint)(tap * 3));
                even += Vector128.Shuffle(four, pixel0).AsInt32() * weights[tap];
                odd += Vector128.Shuffle(four, pixel1).AsInt32() * weights[tap + 1];
                even += Vector128.Shuffle(four, pixel2).AsInt32() * weights[tap + 2];
                odd += Vector128.Shuffle(four, pixel3).AsInt32() * weights[tap + 3];
            }

            Store(Scale(even + odd), target[(x * 3)..]);
        }
    }

    /// <summary>Second pass for one row of the result: the weighted sum of rows, <c>[stride]</c> bytes.</summary>
    private static void Combine(
        ReadOnlySpan<byte> rows,
        int stride,
        BicubicWeights down,
        int y,
        int firstRow,
        ReadOnlySpan<byte> backgroundRow,
        Span<byte> target)
    {
        ReadOnlySpan<int> weights = down.Weights(y);
        ReadOnlySpan<byte> read = weights.IsEmpty
            ? []
            : rows.Slice((down.First(y) - firstRow) * stride, weights.Length * stride);
        int outside = down.Outside(y);
        for (int x = 0; x < stride; x += Vector128<byte>.Count)
        {
            (Vector128<int> sum0, Vector128<int> sum1, Vector128<int> sum2, Vector128<int> sum3) =
                Widen(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(backgroundRow), (nuint)x));
            sum0 *= outside;
            sum1 *= outside;
            sum2 *= outside;
            sum3 *= outside;
            ref byte pixels = ref Unsafe.Add(ref MemoryMarshal.GetReference(read), x);
            foreach (int weight in weights)
            {
                (Vector128<int> part0, Vector128<int> part1, Vector128<int> part2, Vector128<int> part3) =
                    Widen(Vector128.LoadUnsafe(ref pixels));
                sum0 += part0 * weight;
                sum1 += part1 * weight;
                sum2 += part2 * weight;
                sum3 += part3 * weight;
                pixels = ref Unsafe.Add(ref pixels, stride);
            }

            Vector128.Narrow(
                Vector128.Narrow(Scale(sum0).AsUInt32(), Scale(sum1).AsUInt32()),
                Vector128.Narrow(Scale(sum2).AsUInt32(), Scale(sum3).AsUInt32()))
                .StoreUnsafe(ref MemoryMarshal.GetReference(target), (nuint)x);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<int> pixel, Span<byte> target)
    {
        target[2] = (byte)pixel[2];
        target[1] = (byte)pixel[1];
        target[0] = (byte)pixel[0];
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

    /// <summary>Fixed-point sums → bytes in 32-bit lanes: rounded by adding one half, clipped to 0..255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Scale(Vector128<int> sum) => Vector128.Clamp(
        (sum + Vector128.Create(Half)) >> BicubicWeights.FractionBits, Vector128<int>.Zero, Vector128.Create(255));
}
