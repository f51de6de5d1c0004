namespace DenseConnector;

/// <summary>A model cannot be downloaded, or is not in the cache when nothing may be downloaded.</summary>
public sealed class HubException : DenseConnectorException
{
    /// <summary>Creates the error; the message is repository, problem and remedy.</summary>
    /// <param name="repository">The repository, <c>owner/name</c>.</param>
    /// <param name="problem">What is wrong: the message after the repository's name.</param>
    /// <param name="remedy">What the user can do about it.</param>
    /// <param name="innerException">The cause, if another error was the cause.</param>
    public HubException(string repository, string problem, string remedy, Exception? innerException = null)
        : base($"{repository}: {problem} {remedy}", innerException)
    {
        Repository = repository;
        Remedy = remedy;
    }

    /// <summary>The repository, <c>owner/name</c>.</summary>
    public string Repository { get; }

    /// <summary>What the user can do about it.</summary>
    public string Remedy { get; }

    /// <summary>The file within the repository, where the error is about one.</summary>
    public string? File { get; init; }

    /// <summary>The HTTP status the server answered with, where it answered.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Whether trying again may help.</summary>
    internal bool IsTransient { get; init; }

    /// <summary>Whether no server answered at all.</summary>
    internal bool IsUnreachable { get; init; }

    /// <summary>How long the server asked to wait before the next try.</summary>
    internal TimeSpan? RetryAfter { get; init; }
}
