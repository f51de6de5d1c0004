using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// Arguments: model folder, picture, question.
HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Logging.ClearProviders();
builder.Services.AddDenseConnector(settings => settings.Model = args[0]);
builder.Services.AddHealthChecks().AddDenseConnector(tags: ["ready"]);

using IHost host = builder.Build();
await host.StartAsync();
HealthCheckService health = host.Services.GetRequiredService<HealthCheckService>();
while ((await health.CheckHealthAsync()).Status != HealthStatus.Healthy)
{
    await Task.Delay(100);
}

DataContent picture = await DataContent.LoadFromAsync(args[1]);
ChatMessage message = new(ChatRole.User, [picture, new TextContent(args[2])]);
IChatClient client = host.Services.GetRequiredService<IChatClient>();
Console.Write($"ready: {await client.GetResponseAsync([message])}");
await host.StopAsync();
