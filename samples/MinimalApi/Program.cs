using Microsoft.Extensions.AI;

// curl --no-buffer -F picture=@samples/images/shapes.png -F 'question=Describe what you see.' ADDRESS/ask
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddDenseConnector(settings => settings.Model = "dense-connector-tiny");
builder.Services.AddHealthChecks().AddDenseConnector(tags: ["ready"]);

WebApplication app = builder.Build();
app.MapHealthChecks("/ready");
app.MapPost("/ask", AnswerAsync);
await app.RunAsync();

// The answer is written as it is made; who leaves early ends the request.
static async Task AnswerAsync(HttpContext http, IChatClient client)
{
    IFormCollection form = await http.Request.ReadFormAsync(http.RequestAborted);
    if (form.Files["picture"] is not IFormFile picture || form["question"] is not [string question])
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        await http.Response.WriteAsync("Expected a form with a file 'picture' and a field 'question'.");
        return;
    }

    using MemoryStream bytes = new();
    await picture.CopyToAsync(bytes, http.RequestAborted);
    ChatMessage message = new(ChatRole.User, [new DataContent(bytes.ToArray(), "image/*"), new TextContent(question)]);
    http.Response.ContentType = "text/plain; charset=utf-8";
    await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync([message], null, http.RequestAborted))
    {
        await http.Response.WriteAsync(update.Text, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}
