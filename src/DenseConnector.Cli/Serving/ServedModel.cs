using DenseConnector.Cli.Serving.Contracts;
using DenseConnector.Hosting;
using DenseConnector.Text;
using Microsoft.AspNetCore.Http;

namespace DenseConnector.Cli.Serving;

/// <summary>The model, once it is loaded, and <c>GET /v1/models</c>.</summary>
/// <param name="shared">The model, which may still load.</param>
/// <param name="settings">Says the limits.</param>
internal sealed class ServedModel(SharedModel shared, ServerSettings settings)
{
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <summary>The loaded model.</summary>
    /// <exception cref="ApiException">It is not loaded yet.</exception>
    public DenseConnectorModel Model => shared.Load is { IsCompletedSuccessfully: true } load
        ? load.Result
        : throw new ApiException(
            StatusCodes.Status503ServiceUnavailable, "The model is loading.", code: "model_loading")
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };

    /// <summary>What requests call the model.</summary>
    public string Id => Model.Info.ShortName;

    private ModelCard Card => new(
        Id,
        _created,
        Model.Info.PromptTemplate,
        PromptTemplate.Names,
        Model.Info.MaxTokens,
        settings.Limits.MaxNewTokens);

    /// <summary>Lists the model.</summary>
    public Task ListAsync(HttpContext http) =>
        http.Response.WriteAsJsonAsync(new ModelList([Card]), ServingJson.Default.ModelList);

    /// <summary>Describes the model, if it is the one asked for; a name may have slashes.</summary>
    public Task DescribeAsync(HttpContext http)
    {
        ChatRequestReader.RequireModel((string)http.Request.RouteValues["id"]!, Id);
        return http.Response.WriteAsJsonAsync(Card, ServingJson.Default.ModelCard);
    }
}
