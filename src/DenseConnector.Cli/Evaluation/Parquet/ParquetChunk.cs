namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>Where a column's values of a group of rows lie.</summary>
/// <param name="Start">The first byte in the file.</param>
/// <param name="Length">The number of bytes.</param>
/// <param name="Codec">How they are compressed.</param>
/// <param name="Count">The number of values, missing ones among them.</param>
internal sealed record ParquetChunk(long Start, int Length, long Codec, int Count)
{
    /// <summary>Reads the description of a chunk.</summary>
    /// <param name="description">Its description.</param>
    /// <param name="fileLength">
    /// The length of the file: no chunk goes beyond it, and since every row has bytes of its own, none has more values.
    /// </param>
    /// <exception cref="InvalidDataException">It cannot be.</exception>
    public static ParquetChunk Read(ThriftStruct description, long fileLength)
    {
        ThriftStruct data = description.Struct(3, "meta_data");
        long pages = data.Number(9, "data_page_offset");

        // Some writers give 0 for a dictionary that is not there.
        ParquetChunk chunk = new(
            data.TryNumber(11) is > 0 and long dictionary ? Math.Min(dictionary, pages) : pages,
            data.Size(7, "total_compressed_size"),
            data.Number(4, "codec"),
            data.Size(5, "num_values"));
        return chunk.Start >= 0 && chunk.Start <= fileLength - chunk.Length && chunk.Count <= fileLength
            ? chunk
            : throw new InvalidDataException(
                $"found {chunk.Count} values in {chunk.Length} bytes from {chunk.Start} on, beyond the file's end");
    }
}
