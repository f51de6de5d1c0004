using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseConnector.Kernels;

/// <summary>
/// A matrix of 4-bit weights in groups of 32 columns with a bfloat16 scale each: a weight is (its integer - 8) times
/// its group's scale.
/// </summary>
/// <remarks>
/// <para>
/// Layout: 16 rows form a block, 8 columns of a block 64 bytes, four bytes for each row. Byte j of the four holds
/// column j in its lower half and column j + 4 in its upper half: a register of weights takes the same four inputs in
/// every lane. <c>[rows / 16, columns / 8, 16, 4]</c> bytes, and scales <c>[rows / 16, columns / 32, 16]</c>; rows are
/// filled up to a multiple of 16 and columns to a multiple of 32 with weights that are zero.
/// </para>
/// <para>
/// Inputs are rounded to 8 bits, with a scale for each 32 of them, so that the products are those of small integers;
/// the rounding costs about half a percent of a product's size (root mean square, normally distributed values).
/// </para>
/// </remarks>
/// <param name="Weights">The first byte of the blocks.</param>
/// <param name="Scales">The first scale.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Inputs.</param>
internal sealed unsafe record Int4Matrix(nint Weights, nint Scales, long Rows, long Columns) : IKernelMatrix
{
    /// <summary>Columns that share a scale.</summary>
    public const int Group = 32;

    /// <summary>Rows that lie interleaved.</summary>
    public const int Block = 16;

    // Straight into the first-level cache, which the 8-bit inputs leave room in: 26 GB/s on a Zen 4 core, 20 GB/s by
    // way of the second level, 22 GB/s without.
    private const int PrefetchBytes = 4096;
    private const int BytesPerGroup = Block * Group / 2;
    private const int Zero = 8;

    /// <inheritdoc/>
    public int RowGrain => Block;

    /// <inheritdoc/>
    public long BytesPerRow => Groups(Columns) * (BytesPerGroup + (Block * sizeof(ushort))) / Block;

    /// <summary>Bytes of a matrix's weights.</summary>
    public static long WeightBytes(long rows, long columns) => Blocks(rows) * Groups(columns) * BytesPerGroup;

    /// <summary>Number of a matrix's scales.</summary>
    public static long ScaleCount(long rows, long columns) => Blocks(rows) * Groups(columns) * Block;

    /// <summary>Groups in a row.</summary>
    public static long Groups(long columns) => (columns + Group - 1) / Group;

    /// <summary>Blocks of rows.</summary>
    public static long Blocks(long rows) => (rows + Block - 1) / Block;

    /// <summary>Rounds one block of rows.</summary>
    /// <param name="source">The first weight of the block, float32, rows of <paramref name="columns"/>.</param>
    /// <param name="rows">Rows there are, up to <see cref="Block"/>; the others become zero.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="weights">The first byte of the block.</param>
    /// <param name="scales">The first scale of the block.</param>
    public static void Quantize(float* source, int rows, long columns, byte* weights, ushort* scales)
    {
        float* filled = stackalloc float[Group];
        byte* levels = stackalloc byte[Group];
        long groups = Groups(columns);
        for (long group = 0; group < groups; group++)
        {
            int count = (int)Math.Min(Group, columns - (group * Group));
            for (int row = 0; row < Block; row++)
            {
                float* values = source + (row * columns) + (group * Group);
                if (row >= rows || count < Group)
                {
                    new Span<float>(filled, Group).Clear();
                    new Span<float>(values, row < rows ? count : 0).CopyTo(new Span<float>(filled, Group));
                    values = filled;
                }

                scales[(group * Block) + row] = Int4Rounding.Round(values, levels);
                uint* bytes = (uint*)(weights + (group * BytesPerGroup)) + row;
                for (int part = 0; part < Group / 8; part++)
                {
                    uint* eight = (uint*)levels + (2 * part);
                    bytes[part * Block] = eight[0] | (eight[1] << 4);
                }
            }
        }
    }

    /// <summary>Turns one block back into numbers, at the same rows of <paramref name="target"/>.</summary>
    public void Dequantize(LaneWidth width, long block, RowBlock target)
    {
        if (width == LaneWidth.Sixteen && target.IsBFloat16 && Columns % Group == 0)
        {
            DequantizeToBFloat16(block, target);
        }
        else
        {
            DequantizeRows(block, target);
        }
    }

    private void DequantizeRows(long block, RowBlock target)
    {
        long groups = Groups(Columns);
        float[] numbers = new float[groups * Group];
        fixed (float* values = numbers)
        {
            for (int row = 0; row < Math.Min(Block, Rows - (block * Block)); row++)
            {
                byte* weights = (byte*)Weights + (block * groups * BytesPerGroup) + (row * 4);
                ushort* scales = (ushort*)Scales + (block * groups * Block) + row;
                for (long group = 0; group < groups; group++)
                {
                    Vector256<float> scale = Vector256.Create(BFloat16.ToSingle(scales[group * Block]));
                    for (int part = 0; part < Group; part += 8)
                    {
                        Vector256<int> levels = Levels(*(uint*)weights);
                        (Vector256.ConvertToSingle(levels) * scale).Store(values + (group * Group) + part);
                        weights += BytesPerGroup / 4;
                    }
                }

                target.Write((int)(block * Block) + row, 0, values, Columns);
            }
        }
    }

    /// <summary>
    /// All rows of a block group by group: a group's sixteen possible weights form a table, and its levels look 32
    /// weights up at once.
    /// </summary>
    private void DequantizeToBFloat16(long block, RowBlock target)
    {
        long groups = Groups(Columns);
        int rows = (int)Math.Min(Block, Rows - (block * Block));
        byte* weights = (byte*)Weights + (block * groups * BytesPerGroup);
        ushort* scales = (ushort*)Scales + (block * groups * Block);
        Vector512<float> levels = Vector512.ConvertToSingle(Vector512<int>.Indices - Vector512.Create(Zero));
        byte* room = stackalloc byte[BytesPerGroup + Vector512<byte>.Count];
        byte* byRow = (byte*)(((nint)room + Vector512<byte>.Count - 1) & -Vector512<byte>.Count);
        for (long group = 0; group < groups; group++, weights += BytesPerGroup, scales += Block)
        {
            Sse.Prefetch1(weights + PrefetchBytes);
            GatherRows(weights, byRow);
            for (int row = 0; row < rows; row++)
            {
                Vector256<ushort> table = BFloat16.Narrow(
                    levels * Vector512.Create(BFloat16.ToSingle(scales[row])));
                Vector128<byte> both = Vector128.LoadAligned(byRow + (row % 4 * 64) + (row / 4 * 16));
                Vector128<uint> low = (both & Vector128.Create((byte)15)).AsUInt32();
                Vector128<uint> high = ((both.AsUInt16() >>> 4).AsByte() & Vector128.Create((byte)15)).AsUInt32();
                Vector512<ushort> columns = Avx512BW.ConvertToVector512UInt16(Vector256.Create(
                    Sse2.UnpackLow(low, high).AsByte(), Sse2.UnpackHigh(low, high).AsByte()));
                Vector512<ushort> values = Avx512BW.PermuteVar32x16(table.ToVector512Unsafe(), columns);
                values.Store((ushort*)target.Data + (((block * Block) + row) * Columns) + (group * Group));
            }
        }
    }

    /// <summary>
    /// Brings the 16 bytes of each row in a group together: row i lies at <c>64 · (i mod 4) + 16 · (i / 4)</c>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GatherRows(byte* weights, byte* byRow)
    {
        Vector512<uint> a = Vector512.Load((uint*)weights), b = Vector512.Load((uint*)(weights + 64));
        Vector512<uint> c = Vector512.Load((uint*)(weights + 128)), d = Vector512.Load((uint*)(weights + 192));
        Vector512<ulong> abLow = Avx512F.UnpackLow(a, b).AsUInt64(), abHigh = Avx512F.UnpackHigh(a, b).AsUInt64();
        Vector512<ulong> cdLow = Avx512F.UnpackLow(c, d).AsUInt64(), cdHigh = Avx512F.UnpackHigh(c, d).AsUInt64();
        Avx512F.UnpackLow(abLow, cdLow).StoreAligned((ulong*)byRow);
        Avx512F.UnpackHigh(abLow, cdLow).StoreAligned((ulong*)(byRow + 64));
        Avx512F.UnpackLow(abHigh, cdHigh).StoreAligned((ulong*)(byRow + 128));
        Avx512F.UnpackHigh(abHigh, cdHigh).StoreAligned((ulong*)(byRow + 192));
    }

    /// <inheritdoc/>
    /// <remarks>For each input: 8-bit integers, then a scale and an offset for each group.</remarks>
    public long PreparedBytes(int inputs) => inputs * PreparedStride;

    /// <inheritdoc/>
    public void Prepare(RowBlock inputs, int input, byte* prepared)
    {
        float* values = stackalloc float[Group];
        long groups = Groups(Columns);
        sbyte* levels = (sbyte*)(prepared + (input * PreparedStride));
        float* scales = (float*)(levels + (groups * Group));
        for (long group = 0; group < groups; group++)
        {
            long count = Math.Min(Group, Columns - (group * Group));
            new Span<float>(values, Group).Clear();
            inputs.Read(input, group * Group, values, count);
            (scales[2 * group], scales[(2 * group) + 1]) = Int4Rounding.RoundInput(values, levels + (group * Group));
        }
    }

    /// <inheritdoc/>
    public void Multiply(LaneWidth width, byte* prepared, int inputs, long firstRow, long endRow, float* outputs)
    {
        long count = endRow - firstRow;
        float* sums = stackalloc float[4 * Block];
        for (long row = firstRow; row < endRow; row += Block)
        {
            int rows = (int)Math.Min(Block, endRow - row);
            for (int input = 0; input < inputs;)
            {
                byte* x = prepared + (input * PreparedStride);
                int done = 1;
                if (width == LaneWidth.Sixteen && input + 4 <= inputs)
                {
                    done = 4;
                    Four512(row / Block, x, sums);
                }
                else if (width == LaneWidth.Sixteen)
                {
                    One512(row / Block, x, sums);
                }
                else if (width == LaneWidth.Eight && Avx2.IsSupported)
                {
                    One256(row / Block, x, sums);
                }
                else
                {
                    OnePlain(row / Block, x, sums);
                }

                for (int i = 0; i < done; i++, input++)
                {
                    long bytes = rows * sizeof(float);
                    Buffer.MemoryCopy(sums + (i * Block), outputs + (input * count) + (row - firstRow), bytes, bytes);
                }
            }
        }
    }

    private long PreparedStride => Groups(Columns) * (Group + (2 * sizeof(float)));

    /// <summary>Eight weights of one row, in the order of their columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Levels(uint four)
    {
        Vector256<uint> shifts = Vector256.Create(0u, 8, 16, 24, 4, 12, 20, 28);
        Vector256<uint> all = Vector256.Create(four);
        Vector256<uint> shifted = Avx2.IsSupported
            ? Avx2.ShiftRightLogicalVariable(all, shifts)
            : Vector256.Create(
                four, four >> 8, four >> 16, four >> 24, four >> 4, four >> 12, four >> 20, four >> 28);
        return (shifted & Vector256.Create(15u)).AsInt32() - Vector256.Create(Zero);
    }

    /// <summary>One block of rows with one input.</summary>
    private void One512(long block, byte* prepared, float* sums)
    {
        long groups = Groups(Columns);
        byte* weights = (byte*)Weights + (block * groups * BytesPerGroup);
        ushort* scales = (ushort*)Scales + (block * groups * Block);
        int* x = (int*)prepared;
        float* inputScales = (float*)(prepared + (groups * Group));
        Vector512<float> sum = Vector512<float>.Zero;
        for (long group = 0; group < groups; group++)
        {
            (Vector512<byte> low, Vector512<byte> high) = Halves(weights);
            Vector512<short> first = Products(low, high, x);
            (low, high) = Halves(weights + 64);
            Vector512<short> second = Products(low, high, x + 2);
            (low, high) = Halves(weights + 128);
            first += Products(low, high, x + 4);
            (low, high) = Halves(weights + 192);
            second += Products(low, high, x + 6);
            sum = AddGroup(sum, first + second, scales, inputScales);
            Sse.Prefetch0(scales + (PrefetchBytes / 16));
            weights += BytesPerGroup;
            x += Group / sizeof(int);
            scales += Block;
            inputScales += 2;
        }

        sum.Store(sums);
    }

    /// <summary>One block of rows with four inputs; each sum is the one that <see cref="One512"/> makes.</summary>
    private void Four512(long block, byte* prepared, float* sums)
    {
        long groups = Groups(Columns);
        byte* weights = (byte*)Weights + (block * groups * BytesPerGroup);
        ushort* scales = (ushort*)Scales + (block * groups * Block);
        long stride = PreparedStride;
        int* x0 = (int*)prepared, x1 = (int*)(prepared + stride);
        int* x2 = (int*)(prepared + (2 * stride)), x3 = (int*)(prepared + (3 * stride));
        float* inputScales = (float*)(prepared + (groups * Group));
        long scaleStride = stride / sizeof(float);
        Vector512<float> sum0 = Vector512<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (long group = 0; group < groups; group++)
        {
            (Vector512<byte> low, Vector512<byte> high) = Halves(weights);
            Vector512<short> p0 = Products(low, high, x0), p1 = Products(low, high, x1);
            Vector512<short> p2 = Products(low, high, x2), p3 = Products(low, high, x3);
            (low, high) = Halves(weights + 64);
            p0 += Products(low, high, x0 + 2);
            p1 += Products(low, high, x1 + 2);
            p2 += Products(low, high, x2 + 2);
            p3 += Products(low, high, x3 + 2);
            (low, high) = Halves(weights + 128);
            p0 += Products(low, high, x0 + 4);
            p1 += Products(low, high, x1 + 4);
            p2 += Products(low, high, x2 + 4);
            p3 += Products(low, high, x3 + 4);
            (low, high) = Halves(weights + 192);
            p0 += Products(low, high, x0 + 6);
            p1 += Products(low, high, x1 + 6);
            p2 += Products(low, high, x2 + 6);
            p3 += Products(low, high, x3 + 6);
            weights += BytesPerGroup;
            sum0 = AddGroup(sum0, p0, scales, inputScales);
            sum1 = AddGroup(sum1, p1, scales, inputScales + scaleStride);
            sum2 = AddGroup(sum2, p2, scales, inputScales + (2 * scaleStride));
            sum3 = AddGroup(sum3, p3, scales, inputScales + (3 * scaleStride));
            Sse.Prefetch0(scales + (PrefetchBytes / 16));
            x0 += 8;
            x1 += 8;
            x2 += 8;
            x3 += 8;
            scales += Block;
            inputScales += 2;
        }

        sum0.Store(sums);
        sum1.Store(sums + Block);
        sum2.Store(sums + (2 * Block));
        sum3.Store(sums + (3 * Block));
    }

    /// <summary>64 bytes' lower and upper halves: 128 weights of eight columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<byte> Low, Vector512<byte> High) Halves(byte* weights)
    {
        Sse.Prefetch0(weights + PrefetchBytes);
        Vector512<byte> both = Vector512.Load(weights);
        Vector512<byte> mask = Vector512.Create((byte)15);
        return (both & mask, (both.AsUInt16() >>> 4).AsByte() & mask);
    }

    /// <summary>The products of 128 weights with one input, two neighbours of a lane added up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Products(Vector512<byte> low, Vector512<byte> high, int* x) =>
        Avx512BW.MultiplyAddAdjacent(low, Vector512.Create(x[0]).AsSByte()) +
        Avx512BW.MultiplyAddAdjacent(high, Vector512.Create(x[1]).AsSByte());

    /// <summary>
    /// Adds a group's integer products, four neighbours of a lane first, with the scales of weights and inputs.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AddGroup(
        Vector512<float> sum, Vector512<short> products, ushort* scales, float* inputScales)
    {
        Vector512<int> exact = Avx512BW.MultiplyAddAdjacent(products, Vector512.Create((short)1));
        Vector512<float> group = Vector512.FusedMultiplyAdd(
            Vector512.ConvertToSingle(exact), Vector512.Create(inputScales[0]), Vector512.Create(inputScales[1]));
        return Vector512.FusedMultiplyAdd(group, Lanes512.LoadBFloat16(scales), sum);
    }

    /// <summary>One block of rows with one input; the same sums in two halves.</summary>
    private void One256(long block, byte* prepared, float* sums)
    {
        long groups = Groups(Columns);
        Vector256<byte> mask = Vector256.Create((byte)15);
        Vector256<short> ones = Vector256.Create((short)1);
        for (int half = 0; half < Block; half += 8)
        {
            byte* weights = (byte*)Weights + (block * groups * BytesPerGroup) + (half * 4);
            ushort* scales = (ushort*)Scales + (block * groups * Block) + half;
            int* x = (int*)prepared;
            float* inputScales = (float*)(prepared + (groups * Group));
            Vector256<float> sum = Vector256<float>.Zero;
            for (long group = 0; group < groups; group++)
            {
                Vector256<short> products = Vector256<short>.Zero;
                for (int part = 0; part < 4; part++)
                {
                    Vector256<byte> both = Vector256.Load(weights);
                    weights += 64;
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
                sum = Vector256.FusedMultiplyAdd(scaled, Lanes256.LoadBFloat16(scales), sum);
                scales += Block;
                inputScales += 2;
            }

            sum.Store(sums + half);
        }
    }

    /// <summary>One block of rows with one input, a number at a time; the same sums.</summary>
    private void OnePlain(long block, byte* prepared, float* sums)
    {
        long groups = Groups(Columns);
        byte* weights = (byte*)Weights + (block * groups * BytesPerGroup);
        ushort* scales = (ushort*)Scales + (block * groups * Block);
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
