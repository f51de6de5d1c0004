namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>
/// A column of a group of rows, read from front to back: entries that say by their levels how much of the path to the
/// column is there and where a list goes on, and the values of those that are there.
/// </summary>
internal sealed class ParquetColumn
{
    private readonly ParquetNode _column;
    private readonly List<int> _repetitions = [];
    private readonly List<int> _definitions = [];
    private readonly List<object> _values = [];
    private int _entry;
    private int _value;

    private ParquetColumn(ParquetNode column) => _column = column;

    /// <summary>How many nodes of the path of the next entry are there.</summary>
    /// <exception cref="InvalidDataException">There is no next one.</exception>
    public int Definition => IsAtEnd
        ? throw new InvalidDataException($"the column '{_column.Path}' ends before the rows do")
        : _definitions[_entry];

    /// <summary>Whether all entries are read.</summary>
    public bool IsAtEnd => _entry == _definitions.Count;

    /// <summary>Reads a column.</summary>
    /// <param name="column">The column.</param>
    /// <param name="chunk">Where it lies.</param>
    /// <param name="bytes">The bytes that lie there.</param>
    /// <exception cref="InvalidDataException">It is damaged or in a form that is not read here.</exception>
    public static ParquetColumn Read(ParquetNode column, ParquetChunk chunk, ReadOnlyMemory<byte> bytes)
    {
        ParquetColumn read = new(column);
        foreach ((ParquetPage page, ParquetValues values, _) in Pages(column, chunk, bytes))
        {
            read.Add(page, values);
        }

        return read;
    }

    /// <summary>Reads one value of a column without lists; <c>null</c> if it is missing.</summary>
    /// <param name="column">The column.</param>
    /// <param name="chunk">Where it lies.</param>
    /// <param name="bytes">The bytes that lie there.</param>
    /// <param name="row">The row, counted from the first of the group.</param>
    /// <exception cref="InvalidDataException">It is damaged or in a form that is not read here.</exception>
    public static object? ReadOne(ParquetNode column, ParquetChunk chunk, ReadOnlyMemory<byte> bytes, int row)
    {
        foreach ((ParquetPage page, ParquetValues values, int first) in Pages(column, chunk, bytes))
        {
            // The pages before are not even expanded.
            if (row < first + page.Count)
            {
                ParquetColumn read = new(column);
                read.Add(page, values);
                for (int i = first; i < row; i++)
                {
                    read.Next();
                }

                return read.Next();
            }
        }

        throw new InvalidDataException($"the column '{column.Path}' ends before the rows do");
    }

    /// <summary>Whether the next entry goes on with a list.</summary>
    /// <param name="list">The node of the list that can be there several times.</param>
    public bool GoesOn(ParquetNode list) => !IsAtEnd && _repetitions[_entry] == list.Repetition;

    /// <summary>The value of the next entry; <c>null</c> if it is missing.</summary>
    /// <exception cref="InvalidDataException">There is no next one.</exception>
    public object? Next()
    {
        bool isThere = Definition == _column.Definition;
        _entry++;
        return isThere ? _values[_value++] : null;
    }

    /// <summary>The pages of values, each with the number of the entries before it.</summary>
    private static IEnumerable<(ParquetPage Page, ParquetValues Values, int First)> Pages(
        ParquetNode column, ParquetChunk chunk, ReadOnlyMemory<byte> bytes)
    {
        ParquetValues values = new(column);
        int first = 0;
        foreach (ParquetPage page in ParquetPage.Read(bytes, chunk.Codec))
        {
            if (page.IsDictionary)
            {
                values.TakeDictionary(page);
                continue;
            }

            if (page.Count > chunk.Count - first)
            {
                throw new InvalidDataException(
                    $"the column '{column.Path}' holds more than the {chunk.Count} values that it is said to hold");
            }

            yield return (page, values, first);
            first += page.Count;
        }
    }

    private void Add(ParquetPage page, ParquetValues values)
    {
        (int[] repetitions, int[] definitions, ReadOnlyMemory<byte> bytes) = page.Open(_column);
        _repetitions.AddRange(repetitions);
        _definitions.AddRange(definitions);
        _values.AddRange(values.Read(page, bytes, definitions.Count(level => level == _column.Definition)));
    }
}
