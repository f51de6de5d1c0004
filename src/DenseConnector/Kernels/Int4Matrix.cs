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

    /// <summary>Bytes of a group's weights in a block.</summary>
    public const int BytesPerGroup = Block * Group / 2;

    private const int PrefetchBytes = 8192;
    private const int Zero = 8;

    /// <inheritdoc/>
    /// <remarks>For libtorch the weights would first be written out in another format.</remarks>
    public int MaxInputs => 48;

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

    /// <summary>
    /// Turns one block into 8-bit integers with a scale for each row, at the same rows of the target.
    /// </summary>
    /// <param name="width">How many values to compute on at once.</param>
    /// <param name="block">The block.</param>
    /// <param name="target">Rows of integers, all of the matrix.</param>
    /// <param name="rowScales">A scale for each row of the matrix.</param>
    public void ToIntegers(LaneWidth width, long block, sbyte* target, float* rowScales)
    {
        long groups = Groups(Columns);
        int rows = (int)Math.Min(Block, Rows - (block * Block));
        byte* weights = (byte*)Weights + (block * groups * BytesPerGroup);
        ushort* scales = (ushort*)Scales + (block * groups * Block);
        float* inverse = stackalloc float[Block];
        for (int row = 0; row < rows; row++)
        {
            float largest = 0;
            for (long group = 0; group < groups; group++)
            {
                largest = MathF.Max(largest, MathF.Abs(BFloat16.ToSingle(scales[(group * Block) + row])));
            }

            // A level is at most 8 scales away from zero.
            float scale = largest * Zero / sbyte.MaxValue;
            rowScales[(block * Block) + row] = scale;
            inverse[row] = float.IsNormal(scale) ? 1 / scale : 0;
        }

        byte* room = stackalloc byte[BytesPerGroup + Vector512<byte>.Count];
        byte* byRow = (byte*)(((nint)room + Vector512<byte>.Count - 1) & -Vector512<byte>.Count);
        Vector512<float> levels = Vector512.ConvertToSingle(Vector512<int>.Indices - Vector512.Create(Zero));
        for (long group = 0; group < groups; group++, weights += BytesPerGroup, scales += Block)
        {
            int columns = (int)Math.Min(Group, Columns - (group * Group));
            bool inRegisters = width == LaneWidth.Sixteen && columns == Group;
            if (inRegisters)
            {
                Sse.Prefetch1(weights + PrefetchBytes);
                GatherRows(weights, byRow);
            }

            for (int row = 0; row < rows; row++)
            {
                sbyte* integers = target + (((block * Block) + row) * Columns) + (group * Group);
                float factor = BFloat16.ToSingle(scales[row]) * inverse[row];
                if (inRegisters)
                {
                    // A group's sixteen possible weights form a table.
                    Vector128<sbyte> table = Avx512F.ConvertToVector128SByte(
                        Vector512.ConvertToInt32Native(Vector512.Round(levels * Vector512.Create(factor))));
                    Lookup(table, byRow + (row % 4 * 64) + (row / 4 * 16)).Store(integers);
                }
                else
                {
                    for (int column = 0; column < columns; column++)
                    {
                        byte both = weights[(column / 8 * Block * 4) + (row * 4) + (column % 4)];
                        int level = (column % 8 < 4 ? both & 15 : both >> 4) - Zero;
                        integers[column] = (sbyte)MathF.Round(level * factor);
                    }
                }
            }
        }
    }

    /// <summary>The 32 entries of a table that 16 bytes of a row's group name, in the order of its columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<sbyte> Lookup(Vector128<sbyte> table, byte* row)
    {
        Vector128<byte> both = Vector128.LoadAligned(row);
        Vector128<byte> low = both & Vector128.Create((byte)15);
        Vector128<byte> high = (both.AsUInt16() >>> 4).AsByte() & Vector128.Create((byte)15);
        Vector128<uint> first = Ssse3.Shuffle(table.AsByte(), low).AsUInt32();
        Vector128<uint> second = Ssse3.Shuffle(table.AsByte(), high).AsUInt32();
        return Vector256.Create(
            Sse2.UnpackLow(first, second).AsSByte(), Sse2.UnpackHigh(first, second).AsSByte());
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
        long groups = Groups(Columns);
        float* sums = stackalloc float[Int4Products.MostInputs * Block];
        for (long row = firstRow; row < endRow; row += Block)
        {
            long block = row / Block;
            Int4Products products = new(
                (byte*)Weights + (block * groups * BytesPerGroup),
                (ushort*)Scales + (block * groups * Block),
                groups,
                PreparedStride);
            long bytes = Math.Min(Block, endRow - row) * sizeof(float);
            for (int input = 0; input < inputs;)
            {
                int done = products.Multiply(width, prepared + (input * PreparedStride), inputs - input, sums);
                for (int i = 0; i < done; i++, input++)
                {
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
}
