using System.Globalization;
using System.Text.Json;
using DenseConnector.Cli.Evaluation.Data;
using Microsoft.Win32.SafeHandles;

namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>
/// A Parquet file, the form in which the hub publishes datasets: groups of rows, each stored column by column.
/// </summary>
/// <remarks>
/// Its rows are read without the files in them, such as pictures, of which each is read when its turn comes. Nothing
/// that the file says about itself is believed beyond what its bytes can hold: the package for such files (Parquet.Net
/// 6.1) reads some damaged ones for ever or asks for gigabytes, so the form is read here.
/// </remarks>
internal sealed class ParquetFile
{
    private const int MarkLength = 4;
    private const int TailLength = sizeof(int) + MarkLength;

    private readonly string _file;
    private readonly ParquetNode _top;
    private readonly ParquetNode? _shown;
    private readonly IReadOnlyList<ParquetGroup> _groups;

    private ParquetFile(string file, ParquetNode top, IReadOnlyList<ParquetGroup> groups)
    {
        _file = file;
        _top = top;
        _shown = top.WithoutBinaries();
        _groups = groups;
    }

    private static ReadOnlySpan<byte> Mark => "PAR1"u8;

    /// <summary>Reads what a file says about itself.</summary>
    /// <exception cref="IOException">It cannot be read or is no Parquet file.</exception>
    public static ParquetFile Open(string file) => Try(file, () =>
    {
        using SafeFileHandle handle = File.OpenHandle(file);
        long length = RandomAccess.GetLength(handle);
        if (length < MarkLength + TailLength || !Read(handle, 0, MarkLength).Span.SequenceEqual(Mark))
        {
            throw new InvalidDataException("it does not begin with PAR1, as all such files do");
        }

        ByteReader tail = new(Read(handle, length - TailLength, TailLength));
        int footerLength = tail.Word();
        if (!tail.Rest().Span.SequenceEqual(Mark))
        {
            throw new InvalidDataException("it does not end with PAR1: a part is missing");
        }

        if (footerLength < 0 || footerLength > length - MarkLength - TailLength)
        {
            throw new InvalidDataException($"its description is said to have {footerLength} of its {length} bytes");
        }

        ThriftStruct footer = ThriftStruct.Read(
            new ByteReader(Read(handle, length - TailLength - footerLength, footerLength)));
        ParquetNode top = ParquetSchema.Read(footer.Structs(2, "schema"));
        return new ParquetFile(file, top, Groups(footer, top, length));
    });

    /// <summary>Reads the rows.</summary>
    /// <exception cref="IOException">The file cannot be read or is damaged.</exception>
    public IEnumerable<ParquetRow> Rows() => _groups.SelectMany(group => Try(_file, () => Rows(group)));

    /// <summary>Reads a file that a row holds.</summary>
    /// <param name="column">The names from the top of the schema down to the column, joined by periods.</param>
    /// <param name="row">The number of the row, from 0 on.</param>
    /// <exception cref="IOException">
    /// The file cannot be read or is damaged, or there is no such thing in the row.
    /// </exception>
    public ReadOnlyMemory<byte> ReadBytes(string column, int row) => Try(_file, () =>
    {
        ParquetNode node = _top.Columns.FirstOrDefault(node => node.Path == column && node.Repetition == 0)
            ?? throw new InvalidDataException($"there is no column '{column}'");
        ParquetGroup group = _groups.Last(group => group.First <= row);
        ParquetChunk chunk = group.Chunks[node.Column];
        using SafeFileHandle handle = File.OpenHandle(_file);
        return ParquetColumn.ReadOne(node, chunk, Read(handle, chunk), row - group.First) is ReadOnlyMemory<byte> bytes
            ? bytes
            : throw new InvalidDataException($"row {row + 1} has nothing in '{column}'");
    });

    private static List<ParquetGroup> Groups(ThriftStruct footer, ParquetNode top, long fileLength)
    {
        int columns = top.Columns.Count();
        List<ParquetGroup> groups = [];
        long rows = 0;
        foreach (ThriftStruct description in footer.Structs(4, "row_groups"))
        {
            ParquetChunk[] chunks = [.. description.Structs(1, "columns")
                .Select(chunk => ParquetChunk.Read(chunk, fileLength))];
            int count = description.Size(3, "num_rows");
            if (chunks.Length != columns || rows + count > Math.Min(fileLength, int.MaxValue))
            {
                throw new InvalidDataException(
                    $"found {chunks.Length} columns of {count} rows, expected {columns} columns");
            }

            groups.Add(new ParquetGroup((int)rows, count, chunks));
            rows += count;
        }

        return groups;
    }

    private List<ParquetRow> Rows(ParquetGroup group)
    {
        if (_shown is null)
        {
            throw new InvalidDataException("it has no column but files");
        }

        using SafeFileHandle handle = File.OpenHandle(_file);
        ParquetAssembly assembly = new(_shown.Columns.ToDictionary(column => column.Column, column =>
        {
            ParquetChunk chunk = group.Chunks[column.Column];
            return ParquetColumn.Read(column, chunk, Read(handle, chunk));
        }));
        List<ParquetRow> rows = [];
        for (int i = group.First; i < group.First + group.Count; i++)
        {
            JsonElement fields = JsonSerializer.SerializeToElement(assembly.Row(_shown));
            rows.Add(new ParquetRow(this, i, new JsonRecord(Where(i), fields)));
        }

        return assembly.IsAtEnd
            ? rows
            : throw new InvalidDataException($"a column holds more than the {group.Count} rows of its group");
    }

    private string Where(int row) => string.Create(CultureInfo.InvariantCulture, $"{_file}: row {row + 1}");

    private static ReadOnlyMemory<byte> Read(SafeFileHandle handle, ParquetChunk chunk) =>
        Read(handle, chunk.Start, chunk.Length);

    private static ReadOnlyMemory<byte> Read(SafeFileHandle handle, long start, int length)
    {
        byte[] bytes = new byte[length];
        int end = 0;
        while (end < length)
        {
            int read = RandomAccess.Read(handle, bytes.AsSpan(end), start + end);
            end += read > 0 ? read : throw new InvalidDataException($"it ends at {start + end} bytes");
        }

        return bytes;
    }

    private static T Try<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw new IOException(
                $"'{file}' cannot be read as a Parquet file: {e.Message}. If it is damaged, fetch it anew.", e);
        }
    }
}
