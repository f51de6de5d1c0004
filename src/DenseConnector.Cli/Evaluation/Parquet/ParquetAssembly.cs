using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>Puts the rows of a group together again from its columns.</summary>
/// <param name="columns">The columns by their place.</param>
internal sealed class ParquetAssembly(IReadOnlyDictionary<int, ParquetColumn> columns)
{
    /// <summary>The next row.</summary>
    /// <param name="top">The schema.</param>
    /// <exception cref="InvalidDataException">The columns do not fit together.</exception>
    public JsonObject Row(ParquetNode top) => Group(top);

    /// <summary>Whether all entries of all columns are used.</summary>
    public bool IsAtEnd => columns.Values.All(column => column.IsAtEnd);

    private JsonNode? Node(ParquetNode node)
    {
        bool isThere = First(node).Definition >= node.Definition;
        if (node.IsRepeated)
        {
            return Repeated(node, isThere);
        }

        if (!isThere)
        {
            Skip(node);
            return null;
        }

        return Present(node);
    }

    private JsonNode? Present(ParquetNode node) => node switch
    {
        { Type: not null } => Value(node, columns[node.Column].Next()),
        { IsList: true } => Node(node.Children[0]),
        _ => Group(node),
    };

    private JsonObject Group(ParquetNode node)
    {
        JsonObject fields = [];
        foreach (ParquetNode child in node.Children)
        {
            fields[child.Name] = Node(child);
        }

        return fields;
    }

    private JsonArray Repeated(ParquetNode node, bool isThere)
    {
        JsonArray items = [];
        if (!isThere)
        {
            Skip(node);
            return items;
        }

        do
        {
            // The frame of a list is a group around each item.
            items.Add(node is { Type: null, Children: [ParquetNode item] } ? Node(item) : Present(node));
        }
        while (First(node).GoesOn(node));
        return items;
    }

    private void Skip(ParquetNode node)
    {
        foreach (ParquetNode column in node.Columns)
        {
            columns[column.Column].Next();
        }
    }

    private ParquetColumn First(ParquetNode node) => columns[node.Columns.First().Column];

    private static JsonNode? Value(ParquetNode column, object? value) => value switch
    {
        string text => JsonValue.Create(text),
        bool truth => JsonValue.Create(truth),
        long whole => JsonValue.Create(whole),

        // As Python writes it, so that a float stays one.
        double number when double.IsFinite(number) => JsonNode.Parse(PythonNumber.Repr(number)),
        double number => throw new InvalidDataException($"'{column.Path}' is {number}, expected a finite number"),
        _ => null,
    };
}
