namespace DenseConnector.Cli.Evaluation;

/// <summary>The part of a question file that one of several runs answers.</summary>
internal static class Chunking
{
    /// <summary>The items of one run, and the place of the first of them among all.</summary>
    /// <param name="items">All items, as they were read of the data.</param>
    /// <param name="data">The data.</param>
    /// <param name="chunks">Among how many runs the entries of the question file are split.</param>
    /// <param name="index">Which of the runs this is, from 0.</param>
    /// <exception cref="ArgumentException">There is nothing for this run.</exception>
    public static (int First, EvaluationItem[] Items) Take(
        IReadOnlyList<EvaluationItem> items, BenchmarkData data, int chunks, int index)
    {
        Range range = Find(data.Entries ?? items.Count, chunks, index);
        int[] places = [.. items.Index().Select(item => item.Item.Entry ?? item.Index)];
        int first = places.Count(place => place < range.Start.Value);
        return (first, [.. items.Take(first..places.Count(place => place < range.End.Value))]);
    }

    /// <summary>Finds the entries of one run.</summary>
    /// <param name="items">How many entries there are.</param>
    /// <param name="chunks">Among how many runs they are split.</param>
    /// <param name="index">Which of the runs this is, from 0.</param>
    /// <remarks>
    /// All runs but the last get equally many, rounded up; for the last of many runs none may be left.
    /// </remarks>
    /// <exception cref="ArgumentException">There is nothing for this run.</exception>
    public static Range Find(int items, int chunks, int index)
    {
        if (chunks < 1 || index < 0 || index >= chunks)
        {
            throw new ArgumentException($"There is no chunk {index} of {chunks}; expected 0 to {chunks - 1}.");
        }

        long size = ((long)items + chunks - 1) / chunks;
        long start = size * index;
        return start < items
            ? new Range((int)start, (int)Math.Min(start + size, items))
            : throw new ArgumentException(
                $"Chunk {index} of {chunks} is empty: {items} questions fill only " +
                $"{(size == 0 ? 0 : (items + size - 1) / size)} chunks. Leave this run out.");
    }
}
