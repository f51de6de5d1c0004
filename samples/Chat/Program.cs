using DenseConnector;
using Microsoft.Extensions.AI;

// A dialogue through IChatClient: the first question shows a picture, the next ones build on the answers.
await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync("dense-connector-tiny");
IChatClient client = model.AsIChatClient();
DataContent picture = await DataContent.LoadFromAsync(args.Length > 0 ? args[0] : "samples/images/shapes.png");
List<ChatMessage> messages = [new(ChatRole.User, [picture])];

while (Console.ReadLine() is string question)
{
    if (messages.Count == 1)
    {
        messages[0].Contents.Add(new TextContent(question));
    }
    else
    {
        messages.Add(new ChatMessage(ChatRole.User, question));
    }

    List<ChatResponseUpdate> updates = [];
    await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(messages))
    {
        Console.Write(update);
        updates.Add(update);
    }

    messages.AddMessages(updates);
    UsageDetails usage = updates.ToChatResponse().Usage!;
    Console.WriteLine($" ({usage.InputTokenCount} tokens read, {usage.CachedInputTokenCount} of them from the cache)");
}
