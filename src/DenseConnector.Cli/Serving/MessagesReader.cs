using System.Text.Json;
using DenseConnector.Cli.Serving.Contracts;
using Microsoft.Extensions.AI;

namespace DenseConnector.Cli.Serving;

/// <summary>Reads the messages of a request, their pictures not yet decoded.</summary>
/// <param name="settings">Says the limits and whose pictures may be fetched.</param>
internal sealed class MessagesReader(ServerSettings settings)
{
    private readonly ServerLimits _limits = settings.Limits;

    /// <summary>Reads the messages.</summary>
    /// <exception cref="ApiException">They are malformed, beyond the limits, or cannot be honoured.</exception>
    public IReadOnlyList<ChatMessage> Read(IReadOnlyList<RequestMessage>? messages)
    {
        if (messages is null or { Count: 0 })
        {
            throw ApiException.Invalid("messages", "'messages' is missing or empty; send at least one of the user's.");
        }

        ChatMessage[] read = [.. messages.Select(Read)];
        int images = read.Sum(message => message.Contents.Count(content => content is not TextContent));
        int characters = read.Sum(message => message.Text.Length);
        return images > _limits.MaxImages
            ? throw ApiException.Invalid(
                "messages",
                $"The messages have {images} pictures; this server takes {_limits.MaxImages} in a request.",
                "too_many_images")
            : characters > _limits.MaxTextCharacters
            ? throw ApiException.Invalid(
                "messages",
                $"The texts have {characters} characters; this server takes {_limits.MaxTextCharacters} in a request.",
                "context_length_exceeded")
            : read;
    }

    private ChatMessage Read(RequestMessage? message, int index)
    {
        string place = $"messages[{index}]";
        ChatRole role = message?.Role switch
        {
            "system" or "developer" => ChatRole.System,
            "user" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            _ => throw ApiException.Invalid(
                $"{place}.role", $"The role of {place} is missing or not system, developer, user or assistant."),
        };
        OtherFields.CheckInside(message.Others, place);
        return new ChatMessage(role, ReadContent(message.Content, $"{place}.content", role == ChatRole.User));
    }

    private List<AIContent> ReadContent(JsonElement? content, string place, bool mayHavePictures) => content switch
    {
        { ValueKind: JsonValueKind.String } text => [new TextContent(text.GetString())],
        { ValueKind: JsonValueKind.Array } parts =>
            [.. parts.EnumerateArray().Select((part, i) => ReadPart(part, $"{place}[{i}]", mayHavePictures))],
        _ => throw ApiException.Invalid(place, $"{place} is missing, or neither a text nor a list of parts."),
    };

    private AIContent ReadPart(JsonElement part, string place, bool mayHavePictures)
    {
        string? type = part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out JsonElement word) &&
            word.ValueKind == JsonValueKind.String ? word.GetString() : null;
        if (type is not ("text" or "image_url"))
        {
            throw ApiException.Invalid(
                $"{place}.type", $"The type of {place} is '{type}', expected text or image_url.");
        }

        OtherFields.CheckInside(
            part.EnumerateObject().Where(field => field.Name is not "type" && field.Name != type)
                .Select(field => KeyValuePair.Create(field.Name, field.Value)),
            place);
        part.TryGetProperty(type, out JsonElement value);
        if (type == "text")
        {
            return value.ValueKind == JsonValueKind.String
                ? new TextContent(value.GetString())
                : throw ApiException.Invalid($"{place}.text", $"{place} has no text.");
        }

        return mayHavePictures
            ? ReadPicture(value, $"{place}.image_url")
            : throw ApiException.Invalid(place, $"{place} is a picture; pictures come in the user's messages only.");
    }

    private AIContent ReadPicture(JsonElement picture, string place)
    {
        if (picture.ValueKind != JsonValueKind.Object || !picture.TryGetProperty("url", out JsonElement url) ||
            url.ValueKind != JsonValueKind.String)
        {
            throw ApiException.Invalid($"{place}.url", $"{place} has no url.");
        }

        OtherFields.CheckInside(
            picture.EnumerateObject()
                .Where(field => field.Name != "url" && !(field.Name == "detail" && IsDetail(field.Value)))
                .Select(field => KeyValuePair.Create(field.Name, field.Value)),
            place);
        string text = url.GetString()!;
        return text.StartsWith("data:", StringComparison.OrdinalIgnoreCase)
            ? ReadData(text, $"{place}.url")
            : ReadAddress(text, $"{place}.url");
    }

    /// <summary>
    /// Whether a picture's <c>detail</c> is a known one; none changes anything, as models have their own resolution.
    /// </summary>
    private static bool IsDetail(JsonElement detail) =>
        detail.ValueKind == JsonValueKind.String && detail.GetString() is "auto" or "low" or "high";

    /// <summary>The bytes of a <c>data:</c> URL, so that its text, four times as large, need not be kept.</summary>
    private static DataContent ReadData(string url, string place)
    {
        int comma = url.IndexOf(',', StringComparison.Ordinal);
        string header = comma < 0 ? string.Empty : url["data:".Length..comma];
        const string base64 = ";base64";
        string type = header.EndsWith(base64, StringComparison.OrdinalIgnoreCase)
            ? header[..^base64.Length]
            : string.Empty;
        if (!type.StartsWith("image/", StringComparison.OrdinalIgnoreCase))
        {
            throw Malformed();
        }

        byte[] bytes = new byte[(url.Length - comma) / 4 * 3];
        return Convert.TryFromBase64Chars(url.AsSpan(comma + 1), bytes, out int count)
            ? new DataContent(bytes.AsMemory(0, count), type)
            : throw Malformed();

        ApiException Malformed() => ApiException.Invalid(
            place,
            $"{place} is not of the form data:image/png;base64,... (JPEG, PNG, WebP, GIF or BMP).",
            "invalid_image_url");
    }

    private UriContent ReadAddress(string url, string place) =>
        !Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttps
            ? throw ApiException.Invalid(
                place, $"{place} is neither a data: URL nor an https: URL.", "invalid_image_url")
            : settings.ImageHosts.Count == 0
            ? throw ApiException.Invalid(
                place,
                $"{place} is a web address, and this server fetches no pictures; send a data: URL.",
                "remote_image_refused")
            : !RemoteImages.IsAllowed(uri, settings.ImageHosts)
            ? throw ApiException.Invalid(
                place,
                $"{place} is not at a host that this server fetches pictures from; send a data: URL.",
                "remote_image_refused")
            : new UriContent(uri, "image/*");
}
