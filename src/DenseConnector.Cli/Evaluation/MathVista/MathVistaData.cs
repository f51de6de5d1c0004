using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Parquet;

namespace DenseConnector.Cli.Evaluation.MathVista;

/// <summary>The items of MathVista: as the hub publishes them, or as JSON.</summary>
internal static class MathVistaData
{
    private const string Origin = "the MathVista dataset of the hub, testmini split: its parquet file as it is, or " +
        "its items as JSON with the files of the pictures beside them";

    private const string Published = "data/testmini-*.parquet";
    private const string PictureFolder = "images";
    private const string Picture = "decoded_image";

    /// <summary>The questions.</summary>
    public static DataFile Questions { get; } =
        new("questions", Origin, Published, "testmini.json", "testmini.jsonl");

    /// <summary>The folder of the pictures; the published file has them in its rows.</summary>
    public static DataFile Pictures { get; } = new("pictures", Origin, PictureFolder, Published);

    /// <summary>Reads the items, each with its picture.</summary>
    /// <exception cref="IOException">A file is missing or not as expected.</exception>
    public static IEnumerable<(JsonRecord Fields, VisualSource? Picture)> Read(BenchmarkData data)
    {
        string first = data.Find(Questions);
        return Path.GetExtension(first) switch
        {
            ".parquet" => data.FindAll(Questions).SelectMany(file => ParquetFile.Open(file).Rows())
                .Select(row => (WithoutPicture(row.Fields), row.Picture(Picture))),
            ".jsonl" => JsonData.ReadLines(first).Select(item => Named(item, data)),
            _ => JsonData.Read(first).Objects().Select(item => Named(item.Value, data)),
        };
    }

    private static (JsonRecord Fields, VisualSource? Picture) Named(JsonRecord item, BenchmarkData data) =>
        (item, new PictureFile(Path.Combine(data.Images, WithoutFolder(item.Text("image")))));

    // The dataset names pictures with their folder.
    private static string WithoutFolder(string image) =>
        image.StartsWith(PictureFolder + "/", StringComparison.Ordinal) ? image[(PictureFolder.Length + 1)..] : image;

    /// <summary>The item as it is in the dataset's JSON file, which answer lines repeat.</summary>
    private static JsonRecord WithoutPicture(JsonRecord item)
    {
        JsonObject fields = JsonObject.Create(item.Value)!;
        fields.Remove(Picture);
        return item with { Value = JsonSerializer.SerializeToElement(fields) };
    }
}
