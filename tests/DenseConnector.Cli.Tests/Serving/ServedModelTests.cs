using System.Net;
using System.Text.Json;
using DenseConnector.Text;

namespace DenseConnector.Cli.Tests.Serving;

public sealed class ServedModelTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    [Fact]
    public async Task List_HasTheModel()
    {
        JsonElement list = JsonElement.Parse(await _server.Http.GetStringAsync("/v1/models"));

        Assert.Equal("list", list.GetProperty("object").GetString());
        JsonElement model = Assert.Single(list.GetProperty("data").EnumerateArray());
        Assert.Equal(TestServer.Model, model.GetProperty("id").GetString());
        Assert.Equal("model", model.GetProperty("object").GetString());
        Assert.Equal("denseconnector", model.GetProperty("owned_by").GetString());
        Assert.Equal("vicuna_v1", model.GetProperty("prompt_template").GetString());
        Assert.Equal(
            PromptTemplate.Names,
            model.GetProperty("prompt_templates").EnumerateArray().Select(name => name.GetString()!));
        Assert.Equal(1024, model.GetProperty("max_model_len").GetInt32());
    }

    [Fact]
    public async Task Describe_TheModel_IsItsCard()
    {
        JsonElement model = JsonElement.Parse(await _server.Http.GetStringAsync($"/v1/models/{TestServer.Model}"));

        Assert.Equal(TestServer.Model, model.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("/v1/models/owner/name", HttpStatusCode.NotFound, "model_not_found")]
    [InlineData("/v1/embeddings", HttpStatusCode.NotFound, "unknown_url")]
    [InlineData("/v1/chat/completions", HttpStatusCode.MethodNotAllowed, "method_not_allowed")]
    public async Task Address_ThatIsNot_IsToldInOpenAIsForm(string path, HttpStatusCode status, string code)
    {
        using HttpResponseMessage response = await _server.Http.GetAsync(path);

        Assert.Equal(status, response.StatusCode);
        JsonElement error = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
    }
}
