namespace DenseConnector.Cli.Serving.Contracts;

/// <summary>How every error is told.</summary>
internal sealed record ErrorBody(ErrorDetail Error);

/// <summary>What is wrong.</summary>
/// <param name="Message">A sentence for people.</param>
/// <param name="Type">The kind of error.</param>
/// <param name="Param">The parameter at fault, if one is.</param>
/// <param name="Code">A word for programs, if there is one.</param>
internal sealed record ErrorDetail(string Message, string Type, string? Param, string? Code);
