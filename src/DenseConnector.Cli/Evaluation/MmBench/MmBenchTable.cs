namespace DenseConnector.Cli.Evaluation.MmBench;

/// <summary>A question file of MMBench: tab-separated text with a line of names, read as pandas reads it.</summary>
internal sealed class MmBenchTable
{
    // What pandas takes for a missing value. "None" is not among them.
    private static readonly HashSet<string> Missing =
    [
        "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
        "NULL", "NaN", "n/a", "nan", "null",
    ];

    private readonly string _file;
    private readonly List<string> _where = [];
    private readonly List<string?[]> _rows = [];

    private MmBenchTable(string file, IReadOnlyList<string> columns) => (_file, Columns) = (file, columns);

    /// <summary>The names of the columns that were kept, in the order of the file.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The number of rows.</summary>
    public int Count => _rows.Count;

    /// <summary>Reads a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isKept">Says which columns are kept; most of a file is pictures.</param>
    /// <exception cref="IOException">It cannot be read or is no such table.</exception>
    public static MmBenchTable Read(string file, Func<string, bool> isKept)
    {
        using MmBenchRowReader reader = new(file);
        MmBenchRow header = reader.Next() ??
            throw new IOException($"{file} is empty, expected tab-separated text with a line of names.");
        IReadOnlyList<string> names = header.Fields;
        if (names.Distinct().Count() < names.Count)
        {
            throw new IOException($"{header.Where}: a column is named twice in '{string.Join("', '", names)}'.");
        }

        int[] kept = [.. Enumerable.Range(0, names.Count).Where(i => isKept(names[i]))];
        MmBenchTable table = new(file, [.. kept.Select(i => names[i])]);
        while (reader.Next() is MmBenchRow row)
        {
            table.Add(row, names.Count, kept);
        }

        return table;
    }

    /// <summary>The values of a column; <c>null</c> where one is missing.</summary>
    /// <exception cref="IOException">There is no such column.</exception>
    public IReadOnlyList<string?> Column(string name)
    {
        int column = Columns.Index().Where(item => item.Item == name).Select(item => item.Index).FirstOrDefault(-1);
        return column < 0
            ? throw new IOException($"{_file}: the column '{name}' is missing.")
            : [.. _rows.Select(row => row[column])];
    }

    /// <summary>Where a row begins, for messages.</summary>
    public string Where(int row) => _where[row];

    private void Add(MmBenchRow row, int columns, int[] kept)
    {
        if (row.Fields.Count > columns)
        {
            throw new IOException(
                $"{row.Where}: {row.Fields.Count} fields, expected {columns} at most. A field with a tab or a line " +
                "break must be quoted.");
        }

        _where.Add(row.Where);
        _rows.Add([.. kept
            .Select(i => row.Fields.ElementAtOrDefault(i))
            .Select(field => field is null || Missing.Contains(field) ? null : field)]);
    }
}
