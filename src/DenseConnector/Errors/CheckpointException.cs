namespace DenseConnector;

/// <summary>
/// A file of a checkpoint (weights, shard index, tokenizer) is missing, damaged, or not what the model needs.
/// </summary>
public sealed class CheckpointException : DenseConnectorException
{
    /// <summary>Creates the error; the message starts with the file's name.</summary>
    /// <param name="file">The file or folder at fault, as the user knows it.</param>
    /// <param name="problem">What is wrong, what was expected, and what to do: the message after the file name.</param>
    /// <param name="innerException">The cause, if another error was the cause.</param>
    public CheckpointException(string file, string problem, Exception? innerException = null)
        : base($"{file}: {problem}", innerException)
    {
        File = file;
    }

    /// <summary>The file or folder at fault.</summary>
    public string File { get; }

    /// <summary>The tensor at fault, where there is one.</summary>
    public string? Tensor { get; init; }

    /// <summary>What the model or the format asks for, where it can be said briefly.</summary>
    public string? Expected { get; init; }

    /// <summary>What the file has instead, where it can be said briefly.</summary>
    public string? Found { get; init; }
}
