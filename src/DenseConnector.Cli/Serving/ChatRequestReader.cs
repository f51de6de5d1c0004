using System.Text.Json;
using DenseConnector.Cli.Serving.Contracts;
using DenseConnector.Text;
using Microsoft.AspNetCore.Http;

namespace DenseConnector.Cli.Serving;

/// <summary>Reads the body of a chat request, refusing by name what cannot be honoured.</summary>
/// <param name="settings">Says the limits.</param>
internal sealed class ChatRequestReader(ServerSettings settings)
{
    /// <summary>OpenAI's own limit of <c>stop</c>.</summary>
    private const int MaxStops = 4;

    private static readonly GenerationOptions Defaults = new();

    private readonly ServerLimits _limits = settings.Limits;
    private readonly MessagesReader _messages = new(settings);

    /// <summary>Reads a request.</summary>
    /// <param name="request">The request; its body is read whole.</param>
    /// <param name="model">The name of the model there is.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ApiException">The request is malformed, beyond the limits, or cannot be honoured.</exception>
    public async Task<ChatQuestion> ReadAsync(HttpRequest request, string model, CancellationToken cancellationToken)
    {
        ChatCompletionRequest body = await ReadBodyAsync(request, cancellationToken);
        if (body.Model is null)
        {
            throw ApiException.Invalid("model", $"'model' is missing; expected '{model}'.");
        }

        RequireModel(body.Model, model);
        OtherFields.Check(body.Others);
        OtherFields.CheckInside(
            body.StreamOptions?.Others?.Where(field => field.Value.ValueKind != JsonValueKind.False), "stream_options");
        bool stream = body.Stream ?? false;
        if (body.StreamOptions is not null && !stream)
        {
            throw ApiException.Invalid("stream_options", "'stream_options' is given, but 'stream' is not true.");
        }

        int answers = InRange("n", body.N ?? 1, 1, _limits.MaxAnswers);
        return new ChatQuestion(
            _messages.Read(body.Messages),
            ReadOptions(body),
            answers,
            stream,
            body.StreamOptions?.IncludeUsage ?? false);
    }

    /// <summary>Refuses another model than the one there is.</summary>
    /// <exception cref="ApiException">It is another one.</exception>
    public static void RequireModel(string asked, string model)
    {
        if (asked != model)
        {
            throw new ApiException(
                StatusCodes.Status404NotFound,
                $"The model '{asked}' does not exist here; this server has '{model}'.",
                "model",
                "model_not_found");
        }
    }

    private async Task<ChatCompletionRequest> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        // A page of another host can send other types without the browser asking first.
        if (!request.HasJsonContentType())
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType,
                "The request's Content-Type is not application/json.",
                code: "unsupported_media_type");
        }

        using CancellationTokenSource time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(_limits.BodyTime);
        try
        {
            return await JsonSerializer.DeserializeAsync(
                request.Body, ServingJson.Default.ChatCompletionRequest, time.Token)
                ?? throw new ApiException(StatusCodes.Status400BadRequest, "The body is null, expected an object.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ApiException(
                StatusCodes.Status408RequestTimeout,
                $"The body did not arrive within {_limits.BodyTime.TotalSeconds:0} seconds.",
                code: "body_timeout");
        }
        catch (JsonException e)
        {
            string? place = e.Path is { Length: > 2 } path ? path[2..] : null;
            throw new ApiException(
                StatusCodes.Status400BadRequest,
                place is null
                    ? $"The body is not JSON of the expected form (byte {e.BytePositionInLine} of line {e.LineNumber})."
                    : $"'{place}' is malformed, of another type than expected, or there twice.",
                place,
                "invalid_json");
        }
    }

    private GenerationOptions ReadOptions(ChatCompletionRequest body)
    {
        if (body is { MaxTokens: int older, MaxCompletionTokens: int newer } && older != newer)
        {
            throw ApiException.Invalid(
                "max_tokens", "'max_tokens' and 'max_completion_tokens' differ; give the second alone.");
        }

        string lengthName = body.MaxCompletionTokens is null ? "max_tokens" : "max_completion_tokens";
        int length = body.MaxCompletionTokens ?? body.MaxTokens ??
            Math.Min(Defaults.MaxNewTokens, _limits.MaxNewTokens);
        return new GenerationOptions
        {
            MaxNewTokens = InRange(lengthName, length, 1, _limits.MaxNewTokens),
            Temperature = InRange("temperature", body.Temperature ?? Defaults.Temperature, 0, 2),
            TopP = body.TopP is null or > 0
                ? InRange("top_p", body.TopP ?? Defaults.TopP, 0, 1)
                : throw OutOfRange("top_p", body.TopP.Value, "more than 0 and at most 1"),
            FrequencyPenalty = InRange("frequency_penalty", body.FrequencyPenalty ?? 0, -2, 2),
            PresencePenalty = InRange("presence_penalty", body.PresencePenalty ?? 0, -2, 2),
            Seed = body.Seed,
            StopSequences = ReadStops(body.Stop),
            PromptTemplate = ReadTemplate(body.PromptTemplate),
        };
    }

    private static string? ReadTemplate(string? name) => name is null || PromptTemplate.Names.Contains(name)
        ? name
        : throw ApiException.Invalid(
            "prompt_template",
            $"'prompt_template' is '{name}', expected one of {string.Join(", ", PromptTemplate.Names)}.",
            "invalid_value");

    private static IReadOnlyList<string> ReadStops(JsonElement? stop)
    {
        IReadOnlyList<string?>? texts = stop switch
        {
            null or { ValueKind: JsonValueKind.Null } => [],
            { ValueKind: JsonValueKind.String } text => [text.GetString()],
            { ValueKind: JsonValueKind.Array } list
                when list.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String) =>
                [.. list.EnumerateArray().Select(one => one.GetString())],
            _ => null,
        };
        return texts is null || texts.Count > MaxStops || texts.Any(string.IsNullOrEmpty)
            ? throw ApiException.Invalid(
                "stop", $"'stop' is expected to be a text or up to {MaxStops}, none of them empty.")
            : [.. texts.OfType<string>()];
    }

    private static T InRange<T>(string name, T value, T least, T most)
        where T : IComparable<T> =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0
            ? value
            : throw OutOfRange(name, value, FormattableString.Invariant($"{least} to {most}"));

    private static ApiException OutOfRange<T>(string name, T value, string accepted) => ApiException.Invalid(
        name, FormattableString.Invariant($"'{name}' is {value}, expected {accepted}."), "invalid_value");
}
