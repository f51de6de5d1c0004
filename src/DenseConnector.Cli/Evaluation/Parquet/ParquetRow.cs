using System.Text.Json;
using DenseConnector.Cli.Evaluation.Data;

namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>A row of a Parquet file.</summary>
/// <param name="File">The file.</param>
/// <param name="Number">Its number, from 0 on.</param>
/// <param name="Fields">Its fields without the files among them.</param>
internal sealed record ParquetRow(ParquetFile File, int Number, JsonRecord Fields)
{
    /// <summary>A picture of the row, as the hub stores them; <c>null</c> where there is none.</summary>
    /// <exception cref="IOException">There is no such column.</exception>
    public VisualSource? Picture(string column) => Fields.Value.TryGetProperty(column, out JsonElement picture)
        ? picture.ValueKind == JsonValueKind.Null
            ? null
            : new PictureBytes(() => File.ReadBytes($"{column}.bytes", Number))
        : throw new IOException($"{Fields.Where}: the column '{column}' is missing.");
}
