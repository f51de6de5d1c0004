namespace DenseConnector.Loading;

/// <summary>Why the native libraries do not load; kept so that each later attempt gets the same error.</summary>
/// <param name="Library">The library that does not load.</param>
/// <param name="Problem">Why not: one or more sentences.</param>
/// <param name="Remedy">What the user can do about it.</param>
/// <param name="Cause">The loader's own error, if there was one.</param>
internal sealed record NativeFailure(string Library, string Problem, string Remedy, Exception? Cause = null)
{
    /// <summary>A new exception with these facts.</summary>
    public NativeLibraryException ToException() => new(Library, Problem, Remedy, Cause);
}
