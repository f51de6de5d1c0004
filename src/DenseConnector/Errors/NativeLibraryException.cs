namespace DenseConnector;

/// <summary>The native libraries of libtorch cannot be loaded into this process.</summary>
public sealed class NativeLibraryException : DenseConnectorException
{
    /// <summary>Creates the error; the message is cause and remedy.</summary>
    /// <param name="library">The library that does not load, for example <c>libLibTorchSharp.so</c>.</param>
    /// <param name="problem">Why it does not load.</param>
    /// <param name="remedy">What the user can do about it.</param>
    /// <param name="innerException">The loader's own error, if there was one.</param>
    public NativeLibraryException(string library, string problem, string remedy, Exception? innerException = null)
        : base($"{library}: {problem} {remedy}", innerException)
    {
        Library = library;
        Remedy = remedy;
    }

    /// <summary>The library that does not load.</summary>
    public string Library { get; }

    /// <summary>What the user can do about it.</summary>
    public string Remedy { get; }
}
