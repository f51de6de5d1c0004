using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.MmBench;

/// <summary>Makes the workbook that is uploaded to be scored: the questions with the model's answers.</summary>
internal static class MmBenchUpload
{
    // Before the seventh column of what is left, whatever that is.
    private const int PredictionColumn = 6;

    private static readonly string[] Dropped = ["hint", "category", "source", "image", "comment", "l2-category"];

    /// <summary>The bytes of the workbook.</summary>
    /// <remarks>A question without an answer has an empty cell; of several answers the last counts.</remarks>
    /// <param name="questionFile">The questions.</param>
    /// <param name="answerFile">The answers.</param>
    /// <exception cref="IOException">A file cannot be read, lacks something, or holds what no workbook can.</exception>
    public static byte[] Write(string questionFile, string answerFile) =>
        Workbook.Write(Rows(questionFile, answerFile));

    private static List<IReadOnlyList<WorkbookCell>> Rows(string questionFile, string answerFile)
    {
        MmBenchTable table = MmBenchTable.Read(questionFile, name => !Dropped.Contains(name));
        IReadOnlyList<JsonNode?> indices = MmBenchColumn.Read(table.Column("index"));
        List<IReadOnlyList<JsonNode?>> columns =
            [.. table.Columns.Select(name => MmBenchColumn.Read(table.Column(name)))];
        if (columns.Count < PredictionColumn)
        {
            throw new IOException(
                $"{questionFile} has {columns.Count} columns for the workbook, expected {PredictionColumn} or more: " +
                "the index, the question and its options.");
        }

        Dictionary<string, string> answers = [];
        foreach (JsonRecord answer in JsonData.ReadLines(answerFile))
        {
            string text = answer.Text("text");
            Check(answer.Where, text);
            answers[answer.Key("question_id")] = text;
        }

        List<string> names = [.. table.Columns];
        names.ForEach(name => Check(questionFile, name));
        for (int row = 0; row < table.Count; row++)
        {
            columns.ForEach(column => Check(table.Where(row), column[row]));
        }

        names.Insert(PredictionColumn, "prediction");
        columns.Insert(PredictionColumn, [.. indices.Select(
            index => (JsonNode?)answers.GetValueOrDefault(PythonJson.Write(index)))]);
        return
        [
            [.. names.Select(name => WorkbookCell.Of(name))],
            .. Enumerable.Range(0, table.Count)
                .Select(row => columns.Select(column => WorkbookCell.Of(column[row])).ToArray()),
        ];
    }

    private static void Check(string where, JsonNode? value)
    {
        try
        {
            XmlConvert.VerifyXmlChars(
                value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : string.Empty);
        }
        catch (XmlException e)
        {
            throw new IOException($"{where}: a text has a character that no workbook can hold: {e.Message}", e);
        }
    }
}
