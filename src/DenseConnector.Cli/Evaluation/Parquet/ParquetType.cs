namespace DenseConnector.Cli.Evaluation.Parquet;

/// <summary>The kind of the values of a column, by the number that the format gives it.</summary>
internal enum ParquetType
{
    /// <summary>True or false.</summary>
    Truth = 0,

    /// <summary>A whole number of four bytes.</summary>
    Int = 1,

    /// <summary>A whole number of eight bytes.</summary>
    Long = 2,

    /// <summary>A number of four bytes.</summary>
    Float = 4,

    /// <summary>A number of eight bytes.</summary>
    Double = 5,

    /// <summary>Bytes: a text or a file.</summary>
    Bytes = 6,
}
