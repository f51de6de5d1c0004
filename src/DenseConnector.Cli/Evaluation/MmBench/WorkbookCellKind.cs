namespace DenseConnector.Cli.Evaluation.MmBench;

/// <summary>What a cell of a workbook holds.</summary>
internal enum WorkbookCellKind
{
    /// <summary>A text, which may be empty.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Truth,

    /// <summary>A formula, without its equals sign.</summary>
    Formula,

    /// <summary>The name of an error.</summary>
    Error,
}
