namespace DenseConnector;

/// <summary>
/// A configuration file (<c>config.json</c> and its like) is missing, malformed, or asks for what is not supported.
/// </summary>
public sealed class ModelConfigException : DenseConnectorException
{
    /// <summary>Creates the error; the message starts with the file's name.</summary>
    /// <param name="file">The configuration file, as the user knows it.</param>
    /// <param name="problem">What is wrong and what is accepted: the message after the file name.</param>
    /// <param name="path">The JSON path of the value at fault, for example <c>vision_config.hidden_size</c>.</param>
    /// <param name="innerException">The cause, if another error was the cause.</param>
    public ModelConfigException(string file, string problem, string? path = null, Exception? innerException = null)
        : base($"{file}: {problem}", innerException)
    {
        File = file;
        Path = path;
    }

    /// <summary>The configuration file at fault.</summary>
    public string File { get; }

    /// <summary>The JSON path of the value at fault, where there is one.</summary>
    public string? Path { get; }
}
