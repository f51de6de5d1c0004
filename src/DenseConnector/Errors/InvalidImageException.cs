namespace DenseConnector;

/// <summary>Bytes given as a picture cannot be decoded as one.</summary>
public sealed class InvalidImageException : DenseConnectorException
{
    /// <summary>Creates the error; the message starts with the picture's name.</summary>
    /// <param name="image">The picture at fault: its file name, or words such as <c>the image bytes</c>.</param>
    /// <param name="problem">What is wrong and what is accepted: the message after the name.</param>
    /// <param name="innerException">The cause, if another error was the cause.</param>
    public InvalidImageException(string image, string problem, Exception? innerException = null)
        : base($"{image}: {problem}", innerException)
    {
        Image = image;
    }

    /// <summary>The picture at fault.</summary>
    public string Image { get; }
}
