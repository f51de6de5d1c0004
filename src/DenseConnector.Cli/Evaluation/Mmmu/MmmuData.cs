using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Parquet;

namespace DenseConnector.Cli.Evaluation.Mmmu;

/// <summary>The rows of MMMU: as the hub publishes them, a folder for each subject, or as JSON lines.</summary>
internal static class MmmuData
{
    private const string Origin = "the MMMU dataset of the hub, validation split: its parquet files as they are, or " +
        "their rows as JSON lines with the files of the pictures beside them";

    private const string Published = "*/validation-*.parquet";

    // Of several pictures the first is shown, as officially.
    private const string Picture = "image_1";

    /// <summary>The questions.</summary>
    public static DataFile Questions { get; } = new("questions", Origin, Published, "validation.jsonl");

    /// <summary>The folder of the pictures; the published files have them in their rows.</summary>
    public static DataFile Pictures { get; } = new("pictures", Origin, "images", Published);

    /// <summary>Reads the rows, each with its picture if it has one.</summary>
    /// <exception cref="IOException">A file is missing or not as expected.</exception>
    public static IEnumerable<(JsonRecord Row, VisualSource? Picture)> Read(BenchmarkData data)
    {
        string first = data.Find(Questions);
        return Path.GetExtension(first) == ".parquet"
            ? Subjects(data).SelectMany(file => ParquetFile.Open(file).Rows())
                .Select(row => (row.Fields, row.Picture(Picture)))
            : JsonData.ReadLines(first).Select(row => Named(row, data));
    }

    private static (JsonRecord Row, VisualSource? Picture) Named(JsonRecord row, BenchmarkData data) => (
        row,
        row.OptionalText(Picture) is string picture ? new PictureFile(Path.Combine(data.Images, picture)) : null);

    /// <summary>The files in the order in which the official runner joins the subjects.</summary>
    private static List<string> Subjects(BenchmarkData data)
    {
        ILookup<string, string> files = data.FindAll(Questions).ToLookup(
            file => Path.GetFileName(Path.GetDirectoryName(file))!);
        string[] missing = [.. MmmuTable.Subjects.Where(subject => !files.Contains(subject))];
        if (missing.Length == MmmuTable.Subjects.Count)
        {
            throw new IOException(
                $"{data.Folder} has none of MMMU's subjects, expected folders like '{missing[0]}' with the parquet " +
                "files of the validation split in them.");
        }

        if (missing.Length > 0)
        {
            data.Note($"{missing.Length} of MMMU's {MmmuTable.Subjects.Count} subjects are missing and are not " +
                $"asked about: {string.Join(", ", missing)}.");
        }

        return [.. MmmuTable.Subjects.SelectMany(subject => files[subject])];
    }
}
