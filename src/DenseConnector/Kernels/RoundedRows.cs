using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DenseConnector.Kernels;

/// <summary>
/// Rows of activations as 8-bit integers with a scale for each row, so that a product over many rows is one of
/// integers.
/// </summary>
/// <remarks>
/// <para>
/// One scale serves a whole row, and a few outliers would make its steps too coarse for all other numbers. Where the
/// largest number of a row is more than <see cref="MostReach"/> times the row's size (root mean square), what the
/// rounding leaves over is rounded once more, as a further row of integers: together they have 15 bits. No other row is
/// off by more than <c>MostReach / (127 · √12)</c> = 3.6 % of its size; normally distributed ones are by 0.9 %.
/// </para>
/// <para>Each row is rounded by itself: it comes out the same whatever rows it is together with.</para>
/// </remarks>
/// <param name="count">Rows.</param>
/// <param name="width">Numbers of a row.</param>
internal sealed unsafe class RoundedRows(int count, long width)
{
    private const float Largest = 127;
    private const float MostReach = 16;

    // Half a step is the most that is left over: it becomes the largest integer of the second rounding.
    private const float StepsInAStep = 2 * Largest;

    // Numbers that are worked on at a time, and in one go; what is between lies in the first-level cache.
    private const int Part = 1024, Group = 32;

    private readonly float[] _scales = new float[count];
    private readonly int[] _second = new int[count];

    /// <summary>Rows of integers that there may be: two for each.</summary>
    public int MostRows => 2 * count;

    /// <summary>Rounds the rows.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="input">The rows.</param>
    /// <param name="integers">Room for <see cref="MostRows"/> rows of integers.</param>
    /// <returns>Rows of integers there are: one for each row, then one for each that was rounded twice.</returns>
    public int Round(WorkerTeam team, RowBlock input, sbyte* integers)
    {
        team.Run(count, row =>
        {
            _scales[row] = LargestOf(input, row) / Largest;
            _second[row] = RoundRow(input, row, integers + (row * width)) ? 1 : 0;
        });

        int rows = count;
        for (int row = 0; row < count; row++)
        {
            _second[row] = _second[row] == 0 ? 0 : rows++;
        }

        if (rows > count)
        {
            team.Run(count, row =>
            {
                if (_second[row] != 0)
                {
                    RoundRest(input, row, integers + (row * width), integers + (_second[row] * width));
                }
            });
        }

        return rows;
    }

    /// <summary>Turns the products of the rows of integers into those of the numbers.</summary>
    /// <param name="team">The threads.</param>
    /// <param name="products">As many rows of products as <see cref="Round"/> gave rows.</param>
    /// <param name="scales">The scale of each output.</param>
    /// <param name="bias">What is added to each output, or <c>null</c>.</param>
    /// <param name="output">A row of outputs for each row of numbers.</param>
    public void Scale(WorkerTeam team, int* products, float* scales, RowBlock? bias, RowBlock output) =>
        team.Run(count, row =>
        {
            float* values = stackalloc float[Part];
            float* addends = stackalloc float[Part];
            int* first = products + (row * output.Width);
            int* second = products + (_second[row] * output.Width);
            for (long start = 0; start < output.Width; start += Part)
            {
                int number = (int)Math.Min(Part, output.Width - start);
                Add(first + start, _scales[row], scales + start, null, values, number);
                if (_second[row] != 0)
                {
                    Add(second + start, _scales[row] / StepsInAStep, scales + start, values, values, number);
                }

                if (bias is RowBlock added)
                {
                    added.Read(0, start, addends, number);
                    for (int i = 0; i < number; i++)
                    {
                        values[i] += addends[i];
                    }
                }

                output.Write(row, start, values, number);
            }
        });

    /// <summary>The number of a row that is furthest from zero, without its sign; NaN if there is one.</summary>
    private static float LargestOf(RowBlock rows, int row)
    {
        float* values = stackalloc float[Part];
        Vector512<float> largest = Vector512<float>.Zero;
        for (long start = 0; start < rows.Width; start += Part)
        {
            int groups = Read(rows, row, start, values);
            for (int i = 0; i < groups * Group; i += Vector512<float>.Count)
            {
                largest = Vector512.Max(largest, Vector512.Abs(Vector512.Load(values + i)));
            }
        }

        float most = 0;
        for (int i = 0; i < Vector512<float>.Count; i++)
        {
            most = MathF.Max(most, largest[i]);
        }

        return most;
    }

    /// <summary>Rounds a row; says whether outliers make its steps too coarse.</summary>
    private bool RoundRow(RowBlock input, int row, sbyte* target)
    {
        float* values = stackalloc float[Part];
        Vector512<float> inverse = Vector512.Create(Inverse(_scales[row]));
        Vector512<int> squares = Vector512<int>.Zero;
        for (long start = 0; start < width; start += Part)
        {
            int groups = Read(input, row, start, values);
            for (int group = 0; group < groups; group++)
            {
                (Vector512<int> low, Vector512<int> high) = RoundGroup(values + (group * Group), inverse);
                Store(low, high, target + start + (group * Group), width - start - (group * Group));
                squares += (low * low) + (high * high);
            }
        }

        double size = Vector512.Sum(Vector512.ConvertToSingle(squares));
        return size > 0 && size * MostReach * MostReach < Largest * (double)Largest * width;
    }

    /// <summary>Rounds what the first rounding of a row left over.</summary>
    private void RoundRest(RowBlock input, int row, sbyte* first, sbyte* target)
    {
        float* values = stackalloc float[Part];
        float scale = _scales[row];
        Vector512<float> inverse = Vector512.Create(Inverse(scale / StepsInAStep));
        for (long start = 0; start < width; start += Part)
        {
            int groups = Read(input, row, start, values);
            for (int i = 0; i < Math.Min(Part, width - start); i++)
            {
                values[i] -= scale * first[start + i];
            }

            for (int group = 0; group < groups; group++)
            {
                (Vector512<int> low, Vector512<int> high) = RoundGroup(values + (group * Group), inverse);
                Store(low, high, target + start + (group * Group), width - start - (group * Group));
            }
        }
    }

    /// <summary>Reads a part of a row and fills its last group up with zeros; gives its groups.</summary>
    private static int Read(RowBlock rows, int row, long start, float* values)
    {
        int number = (int)Math.Min(Part, rows.Width - start);
        int groups = (number + Group - 1) / Group;
        rows.Read(row, start, values, number);
        new Span<float>(values + number, (groups * Group) - number).Clear();
        return groups;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<int> Low, Vector512<int> High) RoundGroup(float* values, Vector512<float> inverse)
    {
        Vector512<float> least = Vector512.Create(-Largest), most = Vector512.Create(Largest);
        Vector512<float> low = Vector512.Load(values) * inverse;
        Vector512<float> high = Vector512.Load(values + (Group / 2)) * inverse;
        return (
            Vector512.ConvertToInt32Native(Vector512.Round(Vector512.MinNative(Vector512.MaxNative(low, least), most))),
            Vector512.ConvertToInt32Native(
                Vector512.Round(Vector512.MinNative(Vector512.MaxNative(high, least), most))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<int> low, Vector512<int> high, sbyte* target, long room)
    {
        Vector512<short> words = Vector512.Narrow(low, high);
        Vector256<sbyte> bytes = Vector256.Narrow(words.GetLower(), words.GetUpper());
        if (room >= Group)
        {
            bytes.Store(target);
            return;
        }

        for (int i = 0; i < room; i++)
        {
            target[i] = bytes[i];
        }
    }

    /// <summary>Products times the scales of their row and of their outputs, onto what is there already.</summary>
    private static void Add(int* products, float scale, float* scales, float* sums, float* values, int count)
    {
        int i = 0;
        for (; i <= count - Lanes256.Count; i += Lanes256.Count)
        {
            Vector256<float> value =
                Vector256.ConvertToSingle(Vector256.Load(products + i)) * scale * Vector256.Load(scales + i);
            (sums == null ? value : Vector256.Load(sums + i) + value).Store(values + i);
        }

        for (; i < count; i++)
        {
            float value = products[i] * scale * scales[i];
            values[i] = sums == null ? value : sums[i] + value;
        }
    }

    private static float Inverse(float scale)
    {
        float inverse = 1 / scale;
        return float.IsFinite(inverse) ? inverse : 0;
    }
}
