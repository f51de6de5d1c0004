namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>Reads the schema of a file, a tree that its footer lists from the top and from left to right.</summary>
internal sealed class ParquetSchema
{
    private const int Optional = 1;
    private const int Repeated = 2;
    private const int DeepestNesting = 16;

    // The older way to say what values mean, and the fields of the newer one.
    private static readonly long?[] TextKinds = [0, 4, 19];
    private static readonly int[] TextFields = [1, 4, 12];
    private const int ListKind = 3;
    private const int ListField = 3;

    private readonly IReadOnlyList<ThriftStruct> _elements;
    private int _next;
    private int _columns;

    private ParquetSchema(IReadOnlyList<ThriftStruct> elements) => _elements = elements;

    /// <summary>Reads a schema.</summary>
    /// <returns>The top, a group of all columns.</returns>
    /// <exception cref="InvalidDataException">The list is no tree, or a column is of an unknown kind.</exception>
    public static ParquetNode Read(IReadOnlyList<ThriftStruct> elements)
    {
        ParquetSchema schema = new(elements);
        ParquetNode top = schema.Node(new ParquetNode(string.Empty, string.Empty, 0, 0), depth: 0);
        return top.Type is null && schema._next == elements.Count
            ? top
            : throw new InvalidDataException("found a schema that is no tree");
    }

    private ParquetNode Node(ParquetNode parent, int depth)
    {
        if (_next == _elements.Count || depth > DeepestNesting)
        {
            throw new InvalidDataException("found a schema that is no tree");
        }

        ThriftStruct element = _elements[_next++];
        string name = element.Text(4, "name");

        // The top stands for a row, which is there and there once.
        long repetition = depth == 0 ? 0 : element.Number(3, "repetition_type");
        bool isRepeated = repetition == Repeated;
        ParquetNode node = new(
            name,
            depth <= 1 ? name : $"{parent.Path}.{name}",
            parent.Definition + (repetition == 0 ? 0 : 1),
            parent.Repetition + (isRepeated ? 1 : 0))
        {
            IsOptional = repetition == Optional,
            IsRepeated = isRepeated,
        };
        return element.TryNumber(5) is > 0 and long children
            ? Group(node, element, children, depth)
            : Column(node, element);
    }

    private ParquetNode Group(ParquetNode node, ThriftStruct element, long count, int depth)
    {
        List<ParquetNode> children = [];
        for (long i = 0; i < count; i++)
        {
            children.Add(Node(node, depth + 1));
        }

        bool isList = element.TryNumber(6) == ListKind || element.TryStruct(10)?.Has(ListField) == true;
        return node with { Children = children, IsList = isList && children is [{ IsRepeated: true }] };
    }

    private ParquetNode Column(ParquetNode node, ThriftStruct element)
    {
        ParquetType type = (ParquetType)element.Number(1, "type");
        return !Enum.IsDefined(type)
            ? throw new InvalidDataException($"the column '{node.Path}' is of the kind {type}, which is not read here")
            : node with
            {
                Type = type,
                Column = _columns++,
                IsText = TextKinds.Contains(element.TryNumber(6)) ||
                    TextFields.Any(field => element.TryStruct(10)?.Has(field) == true),
            };
    }
}
