using DenseConnector.Cli.Serving.Contracts;
using Microsoft.AspNetCore.Http;

namespace DenseConnector.Cli.Serving;

/// <summary>A request is answered with an error of OpenAI's form.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="message">What is wrong, what is accepted, and what to do.</param>
/// <param name="parameter">The parameter at fault, if one is.</param>
/// <param name="code">A word for programs, if there is one.</param>
internal sealed class ApiException(int status, string message, string? parameter = null, string? code = null)
    : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>When to try again, where that may help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The error as it is sent.</summary>
    public ErrorBody Body => new(new ErrorDetail(Message, TypeOf(status), parameter, code));

    /// <summary>The request asks for what cannot be done.</summary>
    public static ApiException Invalid(string parameter, string message, string? code = null) =>
        new(StatusCodes.Status400BadRequest, message, parameter, code);

    private static string TypeOf(int status) => status switch
    {
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        >= StatusCodes.Status500InternalServerError => "server_error",
        _ => "invalid_request_error",
    };
}
