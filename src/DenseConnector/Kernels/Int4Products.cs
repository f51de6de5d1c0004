using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseConnector.Kernels;

/// <summary>The products of one block of rows of an <see cref="Int4Matrix"/> with inputs rounded to 8 bits.</summary>
/// <remarks>
/// A group's products are sums of small integers, exact in 16 and 32 bits; behind them stands one order of float32
/// operations for every width and number of inputs, so that each gives the same bits. Sixteen lanes do 64
/// multiplications in an instruction (<c>vpmaddubsw</c>), as fast as memory for up to four inputs and bound by
/// arithmetic for more: .NET has the instructions that would add up at once (AVX-512 VNNI) for no processor.
/// </remarks>
/// <param name="weights">The block's first byte.</param>
/// <param name="scales">The block's first scale.</param>
/// <param name="groups">Groups of columns.</param>
/// <param name="stride">Bytes from a prepared input to the next.</param>
internal readonly unsafe struct Int4Products(byte* weights, ushort* scales, long groups, long stride)
{
    /// <summary>The most inputs that are multiplied in one pass over the weights.</summary>
    public const int MostInputs = 8;

    private const int Block = Int4Matrix.Block;
    private const int Group = Int4Matrix.Group;
    private const int BytesPerGroup = Int4Matrix.BytesPerGroup;

    // Straight into the first-level cache, which the 8-bit inputs leave room in: 26 GB/s on a Zen 4 core, 20 GB/s by
    // way of the second level, 22 GB/s without.
    private const int PrefetchBytes = 4096;

    /// <summary>Multiplies as many inputs as fit one pass.</summary>
    /// <param name="width">Lanes to use.</param>
    /// <param name="prepared">The first input.</param>
    /// <param name="inputs">Inputs there are, at least one.</param>
    /// <param name="sums">Receives 16 sums for each input done.</param>
    /// <returns>How many inputs were done.</returns>
    public int Multiply(LaneWidth width, byte* prepared, int inputs, float* sums)
    {
        if (width == LaneWidth.Sixteen)
        {
            switch (inputs)
            {
                case >= 8:
                    Eight512(prepared, sums);
                    return 8;
                case >= 4:
                    Four512(prepared, sums);
                    return 4;
                default:
                    One512(prepared, sums);
                    return 1;
            }
        }

        if (width == LaneWidth.Eight && Avx2.IsSupported)
        {
            One256(prepared, sums);
        }
        else
        {
            OnePlain(prepared, sums);
        }

        return 1;
    }

    private void One512(byte* x, float* sums)
    {
        byte* block = weights;
        ushort* blockScales = scales;
        float* inputScales = (float*)(x + (groups * Group));
        Vector512<float> sum = Vector512<float>.Zero;
        for (long group = 0; group < groups; group++)
        {
            (Vector512<byte> low, Vector512<byte> high) = Halves(block);
            Vector512<short> first = Products(low, high, x);
            (low, high) = Halves(block + 64);
            Vector512<short> second = Products(low, high, x + 8);
            (low, high) = Halves(block + 128);
            first += Products(low, high, x + 16);
            (low, high) = Halves(block + 192);
            second += Products(low, high, x + 24);
            sum = AddGroup(sum, first + second, LoadScales(blockScales), inputScales);
            block += BytesPerGroup;
            blockScales += Block;
            x += Group;
            inputScales += 2;
        }

        sum.Store(sums);
    }

    private void Four512(byte* prepared, float* sums)
    {
        byte* block = weights;
        ushort* blockScales = scales;
        byte* x = prepared, last = prepared + (3 * stride);
        float* inputScales = (float*)(prepared + (groups * Group));
        long next = stride / sizeof(float);
        Vector512<float> sum0 = Vector512<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (long group = 0; group < groups; group++)
        {
            Vector512<short> p0 = Vector512<short>.Zero, p1 = p0, p2 = p0, p3 = p0;
            for (int part = 0; part < 4; part++)
            {
                (Vector512<byte> low, Vector512<byte> high) = Halves(block);
                p0 += Products(low, high, x);
                p1 += Products(low, high, x + stride);
                p2 += Products(low, high, x + (2 * stride));
                p3 += Products(low, high, last);
                block += 64;
                x += 8;
                last += 8;
            }

            Vector512<float> rowScales = LoadScales(blockScales);
            sum0 = AddGroup(sum0, p0, rowScales, inputScales);
            sum1 = AddGroup(sum1, p1, rowScales, inputScales + next);
            sum2 = AddGroup(sum2, p2, rowScales, inputScales + (2 * next));
            sum3 = AddGroup(sum3, p3, rowScales, inputScales + (3 * next));
            blockScales += Block;
            inputScales += 2;
        }

        sum0.Store(sums);
        sum1.Store(sums + Block);
        sum2.Store(sums + (2 * Block));
        sum3.Store(sums + (3 * Block));
    }

    private void Eight512(byte* prepared, float* sums)
    {
        byte* block = weights;
        ushort* blockScales = scales;
        byte* x = prepared, middle = prepared + (4 * stride);
        float* inputScales = (float*)(prepared + (groups * Group));
        long next = stride / sizeof(float);
        Vector512<float> sum0 = Vector512<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
        Vector512<float> sum4 = sum0, sum5 = sum0, sum6 = sum0, sum7 = sum0;
        for (long group = 0; group < groups; group++)
        {
            Vector512<short> p0 = Vector512<short>.Zero, p1 = p0, p2 = p0, p3 = p0, p4 = p0, p5 = p0, p6 = p0, p7 = p0;
            for (int part = 0; part < 4; part++)
            {
                (Vector512<byte> low, Vector512<byte> high) = Halves(block);
                p0 += Products(low, high, x);
                p1 += Products(low, high, x + stride);
                p2 += Products(low, high, x + (2 * stride));
                p3 += Products(low, high, middle - stride);
                p4 += Products(low, high, middle);
                p5 += Products(low, high, middle + stride);
                p6 += Products(low, high, middle + (2 * stride));
                p7 += Products(low, high, middle + (3 * stride));
                block += 64;
                x += 8;
                middle += 8;
            }

            Vector512<float> rowScales = LoadScales(blockScales);
            sum0 = AddGroup(sum0, p0, rowScales, inputScales);
            sum1 = AddGroup(sum1, p1, rowScales, inputScales + next);
            sum2 = AddGroup(sum2, p2, rowScales, inputScales + (2 * next));
            sum3 = AddGroup(sum3, p3, rowScales, inputScales + (3 * next));
            sum4 = AddGroup(sum4, p4, rowScales, inputScales + (4 * next));
            sum5 = AddGroup(sum5, p5, rowScales, inputScales + (5 * next));
            sum6 = AddGroup(sum6, p6, rowScales, inputScales + (6 * next));
            sum7 = AddGroup(sum7, p7, rowScales, inputScales + (7 * next));
            blockScales += Block;
            inputScales += 2;
        }

        sum0.Store(sums);
        sum1.Store(sums + Block);
        sum2.Store(sums + (2 * Block));
        sum3.Store(sums + (3 * Block));
        sum4.Store(sums + (4 * Block));
        sum5.Store(sums + (5 * Block));
        sum6.Store(sums + (6 * Block));
        sum7.Store(sums + (7 * Block));
    }

    /// <summary>64 bytes' lower and upper halves: 128 weights of eight columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<byte> Low, Vector512<byte> High) Halves(byte* block)
    {
        Sse.Prefetch0(block + PrefetchBytes);
        Vector512<byte> both = Vector512.Load(block);
        Vector512<byte> mask = Vector512.Create((byte)15);
        return (both & mask, (both.AsUInt16() >>> 4).AsByte() & mask);
    }

    /// <summary>The products of 128 weights with one input, two neighbours of a lane added up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Products(Vector512<byte> low, Vector512<byte> high, byte* x) =>
        Avx512BW.MultiplyAddAdjacent(low, Vector512.Create(*(int*)x).AsSByte()) +
        Avx512BW.MultiplyAddAdjacent(high, Vector512.Create(*(int*)(x + 4)).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> LoadScales(ushort* blockScales)
    {
        Sse.Prefetch0((byte*)blockScales + (PrefetchBytes / 8));
        return Lanes512.LoadBFloat16(blockScales);
    }

    /// <summary>
    /// Adds a group's integer products, four neighbours of a lane first, with the scales of weights and inputs.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AddGroup(
        Vector512<float> sum, Vector512<short> products, Vector512<float> rowScales, float* inputScales)
    {
        Vector512<int> exact = Avx512BW.MultiplyAddAdjacent(products, Vector512.Create((short)1));
        Vector512<float> group = Vector512.FusedMultiplyAdd(
            Vector512.ConvertToSingle(exact), Vector512.Create(inputScales[0]), Vector512.Create(inputScales[1]));
        return Vector512.FusedMultiplyAdd(group, rowScales, sum);
    }

    private void One256(byte* prepared, float* sums)
    {
        Vector256<byte> mask = Vector256.Create((byte)15);
        Vector256<short> ones = Vector256.Create((short)1);
        for (int half = 0; half < Block; half += 8)
        {
            byte* block = weights + (half * 4);
            ushort* blockScales = scales + half;
            int* x = (int*)prepared;
            float* inputScales = (float*)(prepared + (groups * Group));
            Vector256<float> sum = Vector256<float>.Zero;
            for (long group = 0; group < groups; group++)
            {
                Vector256<short> products = Vector256<short>.Zero;
                for (int part = 0; part < 4; part++)
                {
                    Vector256<byte> both = Vector256.Load(block);
                    block += 64;
                    Vector256<byte> high = (both.AsUInt16() >>> 4).AsByte() & mask;
                    products += Avx2.MultiplyAddAdjacent(both & mask, Vector256.Create(x[0]).AsSByte());
                    products += Avx2.MultiplyAddAdjacent(high, Vector256.Create(x[1]).AsSByte());
                    x += 2;
                }

                Vector256<int> exact = Avx2.MultiplyAddAdjacent(products, ones);
                Vector256<float> scaled = Vector256.FusedMultiplyAdd(
                    Vector256.ConvertToSingle(exact),
                    Vector256.Create(inputScales[0]),
                    Vector256.Create(inputScales[1]));
                sum = Vector256.FusedMultiplyAdd(scaled, Lanes256.LoadBFloat16(blockScales), sum);
                blockScales += Block;
                inputScales += 2;
            }

            sum.Store(sums + half);
        }
    }

    private void OnePlain(byte* prepared, float* sums)
    {
        sbyte* x = (sbyte*)prepared;
        float* inputScales = (float*)(prepared + (groups * Group));
        for (int row = 0; row < Block; row++)
        {
            float sum = 0;
            for (long group = 0; group < groups; group++)
            {
                int exact = 0;
                for (int i = 0; i < Group; i++)
                {
                    byte both = weights[(group * BytesPerGroup) + (i / 8 * 64) + (row * 4) + (i % 4)];
                    exact += (i % 8 < 4 ? both & 15 : both >> 4) * x[(group * Group) + i];
                }

                float scaled = MathF.FusedMultiplyAdd(
                    exact, inputScales[2 * group], inputScales[(2 * group) + 1]);
                sum = MathF.FusedMultiplyAdd(scaled, BFloat16.ToSingle(scales[(group * Block) + row]), sum);
            }

            sums[row] = sum;
        }
    }
}
