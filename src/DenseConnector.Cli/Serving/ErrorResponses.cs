using DenseConnector.Cli.Serving.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DenseConnector.Cli.Serving;

/// <summary>Gives every request that fails an error body of OpenAI's form; the outermost middleware.</summary>
/// <param name="next">The rest of the server.</param>
/// <param name="logger">Told of errors that are the server's own.</param>
internal sealed class ErrorResponses(RequestDelegate next, ILogger<ErrorResponses> logger)
{
    /// <summary>Handles one request.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
            if (!http.Response.HasStarted && http.Response.StatusCode >= StatusCodes.Status400BadRequest &&
                http.Response is { ContentType: null, ContentLength: null })
            {
                await WriteAsync(http, Describe(http));
            }
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await WriteAsync(http, Translate(e, logger));
        }
    }

    /// <summary>An error as it is told to clients; what is the server's own fault is logged and not told.</summary>
    public static ApiException Translate(Exception error, ILogger logger)
    {
        switch (error)
        {
            case ApiException known:
                return known;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new ApiException(
                    StatusCodes.Status413PayloadTooLarge,
                    "The request's body is larger than the server takes (--max-body-bytes); send smaller pictures.",
                    code: "request_too_large");
            case BadHttpRequestException bad:
                return new ApiException(bad.StatusCode, bad.Message);
            case InvalidImageException image:
                return new ApiException(
                    StatusCodes.Status422UnprocessableEntity, image.Message, "messages", "invalid_image");
            case ContextLengthException length:
                return ApiException.Invalid(
                    "messages",
                    $"The prompt has {length.PromptTokens} tokens, {length.VisualTokens} of them pictures; the model " +
                    $"reads {length.Limit}. Use fewer pictures or a shorter text.",
                    "context_length_exceeded");
            case ArgumentException or NotSupportedException:
                return ApiException.Invalid("messages", error.Message);
            case OperationCanceledException:
                return new ApiException(
                    StatusCodes.Status503ServiceUnavailable,
                    "The server is shutting down and the answer did not finish in time.",
                    code: "shutting_down");
            default:
                ServingLog.Failed(logger, error);
                return new ApiException(
                    StatusCodes.Status500InternalServerError, "The server failed; its log says why.");
        }
    }

    private static ApiException Describe(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new ApiException(
            StatusCodes.Status404NotFound, $"There is no {http.Request.Path}.", code: "unknown_url"),
        StatusCodes.Status405MethodNotAllowed => new ApiException(
            StatusCodes.Status405MethodNotAllowed,
            $"{http.Request.Path} does not take {http.Request.Method}.",
            code: "method_not_allowed"),
        int status => new ApiException(status, $"The request was answered with {status}."),
    };

    private static async Task WriteAsync(HttpContext http, ApiException error)
    {
        http.Response.StatusCode = error.Status;
        if (error.RetryAfter is TimeSpan wait)
        {
            http.Response.Headers.RetryAfter = $"{Math.Ceiling(wait.TotalSeconds):0}";
        }

        await http.Response.WriteAsJsonAsync(error.Body, ServingJson.Default.ErrorBody);
    }
}
