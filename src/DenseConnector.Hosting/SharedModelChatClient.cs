using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace DenseConnector.Hosting;

/// <summary>A chat client over a shared model, for which its first request waits.</summary>
/// <remarks>Thread-safe. Disposing it does nothing: the model is the container's.</remarks>
/// <param name="shared">The model.</param>
/// <param name="options">What messages may make the client read.</param>
internal sealed class SharedModelChatClient(SharedModel shared, ChatClientOptions options) : IChatClient
{
    private IChatClient? _client;

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        IChatClient client = await GetClientAsync(cancellationToken).ConfigureAwait(false);
        return await client.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return StreamAsync(messages, options, cancellationToken);
    }

    /// <summary>
    /// Gives what the model's own client gives once it is loaded; the shared model, itself and metadata before.
    /// </summary>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(SharedModel) ? shared
            : serviceType.IsInstanceOfType(this) ? this
            : shared.Load is { IsCompletedSuccessfully: true } load ? Over(load.Result).GetService(serviceType)
            : serviceType == typeof(ChatClientMetadata)
                ? new ChatClientMetadata("denseconnector", providerUri: null, shared.Name)
            : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? chat,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IChatClient client = await GetClientAsync(cancellationToken).ConfigureAwait(false);
        IAsyncEnumerable<ChatResponseUpdate> updates =
            client.GetStreamingResponseAsync(messages, chat, cancellationToken);
        await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
        {
            yield return update;
        }
    }

    private async Task<IChatClient> GetClientAsync(CancellationToken cancellationToken) =>
        Over(await shared.GetAsync(cancellationToken).ConfigureAwait(false));

    private IChatClient Over(DenseConnectorModel model) => _client ??= model.AsIChatClient(options);
}
