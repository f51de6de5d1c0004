using DenseConnector.Cli.Evaluation.Data;

namespace DenseConnector.Cli.Evaluation.Judging;

/// <summary>The names of items in files that the official scripts write.</summary>
internal static class ItemName
{
    /// <summary>What names an item, as Python puts it into a text: a number or a text.</summary>
    /// <exception cref="IOException">There is no such field, or neither in it.</exception>
    public static string Of(JsonRecord item, string field)
    {
        string key = item.Key(field);
        return key.StartsWith('"') ? item.Text(field) : key;
    }
}
