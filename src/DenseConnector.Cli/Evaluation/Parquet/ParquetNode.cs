namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>A node of a file's schema: a column, or a group of nodes.</summary>
/// <param name="Name">The name.</param>
/// <param name="Path">The names from the top, for messages.</param>
/// <param name="Definition">How many of the nodes down to this one can be missing.</param>
/// <param name="Repetition">How many of them can be there several times.</param>
internal sealed record ParquetNode(string Name, string Path, int Definition, int Repetition)
{
    /// <summary>Whether it can be missing.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Whether it can be there several times.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>Whether it is a list; the repeated node below it is its frame.</summary>
    public bool IsList { get; init; }

    /// <summary>The kind of a column's values; <c>null</c> for a group.</summary>
    public ParquetType? Type { get; init; }

    /// <summary>Whether a column of byte strings is one of texts.</summary>
    public bool IsText { get; init; }

    /// <summary>The place of a column among all columns.</summary>
    public int Column { get; init; }

    /// <summary>The nodes of a group.</summary>
    public IReadOnlyList<ParquetNode> Children { get; init; } = [];

    /// <summary>Whether the column holds files, which are read one at a time.</summary>
    public bool IsBinary => Type == ParquetType.Bytes && !IsText;

    /// <summary>The columns of this node from left to right.</summary>
    public IEnumerable<ParquetNode> Columns => Type is null ? Children.SelectMany(child => child.Columns) : [this];

    /// <summary>The node without its columns of files; <c>null</c> if nothing else is in it.</summary>
    public ParquetNode? WithoutBinaries()
    {
        if (Type is not null)
        {
            return IsBinary ? null : this;
        }

        ParquetNode[] kept = [.. Children.Select(child => child.WithoutBinaries()).OfType<ParquetNode>()];
        return kept is [] ? null : this with { Children = kept };
    }
}
