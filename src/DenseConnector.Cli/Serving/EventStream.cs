using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace DenseConnector.Cli.Serving;

/// <summary>Writes a response as server-sent events, each sent at once.</summary>
/// <param name="response">The response; its headers are sent with the first event.</param>
internal sealed class EventStream(HttpResponse response)
{
    private static readonly byte[] Start = "data: "u8.ToArray();
    private static readonly byte[] End = "\n\n"u8.ToArray();

    /// <summary>Sends an object.</summary>
    public Task SendAsync<T>(T value, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(JsonSerializer.SerializeToUtf8Bytes(value, type), cancellationToken);

    /// <summary>Sends what ends a stream that is whole.</summary>
    public Task SendDoneAsync(CancellationToken cancellationToken) =>
        SendAsync("[DONE]"u8.ToArray(), cancellationToken);

    private async Task SendAsync(byte[] data, CancellationToken cancellationToken)
    {
        if (!response.HasStarted)
        {
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-cache";

            // Proxies of the nginx kind would gather the events.
            response.Headers["X-Accel-Buffering"] = "no";
        }

        await response.Body.WriteAsync((byte[])[.. Start, .. data, .. End], cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
