using System.Text.Json.Serialization;

namespace DenseConnector.Cli.Serving.Contracts;

/// <summary>How the server reads and writes JSON: snake_case names, no property twice.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ChatCompletionRequest))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatChunk))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelCard))]
[JsonSerializable(typeof(ErrorBody))]
internal sealed partial class ServingJson : JsonSerializerContext;
