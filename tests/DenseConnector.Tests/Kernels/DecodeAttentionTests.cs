using System.Runtime.Intrinsics;
using DenseConnector.Kernels;

namespace DenseConnector.Tests.Kernels;

public sealed class DecodeAttentionTests : IDisposable
{
    private readonly KernelMemory _memory = new();
    private readonly WorkerTeam _team = new(2);

    /// <summary>
    /// Heads, key/value heads, head size, the requests' lengths; sizes of Llama, Phi, SigLIP and odd ones.
    /// </summary>
    public static TheoryData<int, int, int, int[]> Shapes => new()
    {
        { 4, 4, 128, [1, 33] },
        { 8, 2, 128, [800] },
        { 4, 2, 80, [17, 1, 250] },
        { 2, 1, 72, [40] },
        { 3, 3, 8, [5, 6, 7] },
        { 2, 2, 10, [19] },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Run_EachRequest_IsTheWeightedMeanOfItsValues(int heads, int keyValueHeads, int size, int[] lengths)
    {
        foreach (bool isBFloat16 in new[] { false, true })
        {
            int capacity = lengths.Max() + 3;
            Case[] cases = [.. lengths.Select((length, index) => new Case(
                length,
                KernelMemory.Random(10 + index, (long)keyValueHeads * capacity * size),
                KernelMemory.Random(20 + index, (long)keyValueHeads * capacity * size)))];
            float[] queries = KernelMemory.Random(30, (long)lengths.Length * heads * size);
            KeyValueRows[] past = [.. cases.Select(one => new KeyValueRows(
                Store(one.Keys, isBFloat16),
                Store(one.Values, isBFloat16),
                isBFloat16,
                one.Length,
                capacity * size,
                size))];
            nint output = _memory.Take(queries.Length * sizeof(float));

            new DecodeAttention(heads, keyValueHeads, size).Run(
                _team,
                new RowBlock(_memory.Of(queries), false, lengths.Length, heads * size),
                past,
                new RowBlock(output, false, lengths.Length, heads * size));

            float[] found = KernelMemory.Read(output, queries.Length);
            for (int request = 0; request < cases.Length; request++)
            {
                Case one = isBFloat16 ? cases[request].Rounded() : cases[request];
                for (int head = 0; head < heads; head++)
                {
                    int start = ((request * heads) + head) * size;
                    int shared = head / (heads / keyValueHeads) * capacity * size;
                    double[] expected = Attend(queries.AsSpan(start, size), one, shared, size);
                    for (int i = 0; i < size; i++)
                    {
                        // Scores are sums of up to 128 products in float32, and the power of e doubles their error.
                        Assert.InRange(found[start + i] - expected[i], -2e-5, 2e-5);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Run_RequestsTogetherOrAlone_GiveTheSameBits(int heads, int keyValueHeads, int size, int[] lengths)
    {
        int width = heads * size;
        int capacity = lengths.Max();
        KeyValueRows[] past = [.. lengths.Select((length, index) => new KeyValueRows(
            _memory.OfBFloat16(KernelMemory.Random(index, (long)keyValueHeads * capacity * size)),
            _memory.OfBFloat16(KernelMemory.Random(50 + index, (long)keyValueHeads * capacity * size)),
            true,
            length,
            capacity * size,
            size))];
        float[] queries = KernelMemory.Random(30, (long)lengths.Length * width);
        DecodeAttention attention = new(heads, keyValueHeads, size);
        float[] together = Run(queries, past);

        for (int i = 0; i < lengths.Length; i++)
        {
            Range own = (i * width)..((i + 1) * width);
            Assert.Equal(together[own], Run(queries[own], [past[i]]));
        }

        float[] Run(float[] rows, KeyValueRows[] of)
        {
            nint output = _memory.Take(rows.Length * sizeof(float));
            attention.Run(
                _team,
                new RowBlock(_memory.Of(rows), false, of.Length, width),
                of,
                new RowBlock(output, false, of.Length, width));
            return KernelMemory.Read(output, rows.Length);
        }
    }

    [Fact]
    public void Attend_EveryWidth_AgreesWithTheWidest()
    {
        const int Size = 72, Length = 37;
        KeyValueRows past = new(
            _memory.OfBFloat16(KernelMemory.Random(1, Length * Size)),
            _memory.OfBFloat16(KernelMemory.Random(2, Length * Size)),
            true,
            Length,
            Length * Size,
            Size);
        RowBlock query = new(_memory.Of(KernelMemory.Random(3, Size)), false, 1, Size);
        DecodeAttention attention = new(1, 1, Size);
        nint one = _memory.Take(Size * sizeof(float)), eight = _memory.Take(Size * sizeof(float));
        nint sixteen = _memory.Take(Size * sizeof(float));

        attention.Attend<Lanes1, float>(query, past, new RowBlock(one, false, 1, Size), 0, 0);
        attention.Attend<Lanes256, Vector256<float>>(query, past, new RowBlock(eight, false, 1, Size), 0, 0);
        attention.Attend<Lanes512, Vector512<float>>(query, past, new RowBlock(sixteen, false, 1, Size), 0, 0);

        float[] expected = KernelMemory.Read(one, Size);
        Assert.All(KernelMemory.Read(eight, Size).Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        Assert.All(KernelMemory.Read(sixteen, Size).Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
    }

    public void Dispose()
    {
        _team.Dispose();
        _memory.Dispose();
    }

    private nint Store(float[] values, bool isBFloat16) =>
        isBFloat16 ? _memory.OfBFloat16(values) : _memory.Of(values);

    private static double[] Attend(ReadOnlySpan<float> query, Case one, int start, int size)
    {
        double[] scores = new double[one.Length];
        for (int token = 0; token < one.Length; token++)
        {
            for (int i = 0; i < size; i++)
            {
                scores[token] += query[i] / Math.Sqrt(size) * one.Keys[start + (token * size) + i];
            }
        }

        double largest = scores.Max();
        double sum = scores.Sum(score => Math.Exp(score - largest));
        double[] output = new double[size];
        for (int token = 0; token < one.Length; token++)
        {
            for (int i = 0; i < size; i++)
            {
                output[i] += Math.Exp(scores[token] - largest) / sum * one.Values[start + (token * size) + i];
            }
        }

        return output;
    }

    private sealed record Case(int Length, float[] Keys, float[] Values)
    {
        public Case Rounded() => this with { Keys = Round(Keys), Values = Round(Values) };

        private static float[] Round(float[] values) =>
            [.. values.Select(value => BFloat16.ToSingle(BFloat16.FromSingle(value)))];
    }
}
