using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using DenseConnector.Cli.Evaluation.Python;
using Microsoft.Extensions.AI;

namespace DenseConnector.Cli.Evaluation.Judging;

/// <summary>
/// A judge behind an OpenAI-compatible server: what is sent is the very request that is kept with its reply.
/// </summary>
/// <remarks>Several requests may be under way at once.</remarks>
internal sealed class JudgeServer : IChatClient
{
    /// <summary>The variable that holds the key.</summary>
    public const string KeyVariable = "OPENAI_API_KEY";

    /// <summary>How often a request is sent while the server is busy or cannot be reached.</summary>
    public const int Tries = 4;

    private const int LongestReason = 300;
    private const int LargestReply = 1 << 24;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        MaxResponseContentBufferSize = LargestReply,
    };

    private readonly Uri _url;
    private readonly string _address;
    private readonly string _key;

    /// <summary>Takes a server.</summary>
    /// <param name="url">Its address, to which <c>/chat/completions</c> is added.</param>
    /// <param name="key">Its key; empty for a server that wants none.</param>
    /// <exception cref="ArgumentException">No key looks like this one, which the message does not tell.</exception>
    public JudgeServer(Uri url, string key)
    {
        _url = new UriBuilder(url) { Path = url.AbsolutePath.TrimEnd('/') + "/chat/completions" }.Uri;

        // Messages leave out a password and a query, which only the server is to know.
        _address = _url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        _key = key.All(character => character is > ' ' and <= '~')
            ? key
            : throw new ArgumentException($"{KeyVariable} holds a space, a line break or a letter that no key has.");
    }

    /// <summary>Asks, again where the server is busy or cannot be reached.</summary>
    /// <exception cref="IOException">There is no reply; the message says what to do.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        JudgeRequest request = JudgeRequest.Of(messages, options!);
        for (int tried = 1; ; tried++)
        {
            TimeSpan wait = TimeSpan.FromSeconds(1 << (tried - 1));
            try
            {
                using HttpResponseMessage response = await SendAsync(request, cancellationToken);
                string body = await response.Content.ReadAsStringAsync(cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return Read(body, request.Model);
                }

                if (tried == Tries || !IsPassing(response.StatusCode))
                {
                    throw Refusal((int)response.StatusCode, body, request.Model);
                }

                wait = response.Headers.RetryAfter?.Delta ?? wait;
            }
            catch (HttpRequestException e)
            {
                if (tried == Tries)
                {
                    throw new IOException(
                        $"{_address} cannot be reached: {Shorten(e.Message)}; is --judge-url right?", e);
                }
            }
            catch (TaskCanceledException e) when (e.InnerException is TimeoutException)
            {
                throw new IOException(
                    $"{_address} gave no reply within {_http.Timeout.TotalSeconds:F0} s; a lower " +
                    "--judge-concurrency may help",
                    e);
            }

            await Task.Delay(wait < LongestWait ? wait : LongestWait, cancellationToken);
        }
    }

    /// <summary>Asks, and gives the reply when it is whole.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatResponse response = await GetResponseAsync(messages, options, cancellationToken);
        foreach (ChatResponseUpdate update in response.ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(JudgeRequest request, CancellationToken cancellation)
    {
        using HttpRequestMessage message = new(HttpMethod.Post, _url)
        {
            Content = new StringContent(PythonJson.Write(request.ToJson()), Encoding.UTF8, "application/json"),
        };
        message.Headers.Authorization = _key.Length == 0 ? null : new AuthenticationHeaderValue("Bearer", _key);
        return await _http.SendAsync(message, cancellation);
    }

    private ChatResponse Read(string body, string asked)
    {
        try
        {
            JsonElement completion = JsonElement.Parse(body);
            JsonElement message = completion.GetProperty("choices")[0].GetProperty("message");
            string? model = completion.TryGetProperty("model", out JsonElement named) ? named.GetString() : null;
            string text = message.GetProperty("content").GetString() ?? string.Empty;
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, text)) { ModelId = model ?? asked };
        }
        catch (Exception e) when (
            e is JsonException or KeyNotFoundException or IndexOutOfRangeException or InvalidOperationException)
        {
            throw new IOException(
                $"{_address} sent no chat completion but '{Shorten(body)}'; expected --judge-url to name the API, as " +
                "in https://host/v1",
                e);
        }
    }

    private static bool IsPassing(HttpStatusCode status) => status
        is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    private IOException Refusal(int status, string body, string model)
    {
        string remedy = (HttpStatusCode)status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => $"set {KeyVariable} to a key of this server",
            HttpStatusCode.TooManyRequests => "wait, or take a lower --judge-concurrency",
            >= HttpStatusCode.InternalServerError => "the server's log may say more",
            _ => $"expected a server that knows the model '{model}' (--judge-model), and --judge-url to name its " +
                "API, as in https://host/v1",
        };
        return new IOException($"{_address} refused with {status}, '{Reason(body)}'; {remedy}");
    }

    /// <summary>What the server says about an error: its message in the form of the API, or all.</summary>
    private string Reason(string body)
    {
        try
        {
            return Shorten(JsonElement.Parse(body).GetProperty("error").GetProperty("message").GetString()!);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return Shorten(body);
        }
    }

    /// <summary>The start of a text on one line and without the key, which some servers repeat.</summary>
    private string Shorten(string text)
    {
        string safe = _key.Length == 0 ? text : text.Replace(_key, "***", StringComparison.Ordinal);
        string line = string.Concat(safe.Select(letter => char.IsControl(letter) ? ' ' : letter)).Trim();
        return line.Length <= LongestReason ? line : line[..LongestReason] + "…";
    }
}
