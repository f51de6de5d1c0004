using System.Runtime.CompilerServices;
using DenseConnector.Text;
using Microsoft.Extensions.AI;

namespace DenseConnector.Chat;

/// <summary>
/// A model as an <see cref="IChatClient"/>: what <see cref="DenseConnectorModel.AsIChatClient"/> gives.
/// </summary>
/// <remarks>Thread-safe; keeps nothing between requests. The model is not its own: disposing it does nothing.</remarks>
internal sealed class DenseConnectorChatClient : IChatClient
{
    private readonly DenseConnectorModel _model;
    private readonly ChatMessageReader _messages;
    private readonly ChatClientMetadata _metadata;

    /// <summary>Creates a client.</summary>
    /// <param name="model">The model that answers.</param>
    /// <param name="options">What the client may read.</param>
    public DenseConnectorChatClient(DenseConnectorModel model, ChatClientOptions options)
    {
        _model = model;
        _messages = new ChatMessageReader(new ChatImageReader(options), model.Marks);
        _metadata = new ChatClientMetadata("denseconnector", providerUri: null, model.Info.ShortName);
    }

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ResponseIdentity identity = new(_model.Info.ShortName);
        GenerationResult result = await DenseConnectorModel.CollectAsync(
            AnswerAsync(messages, options, cancellationToken)).ConfigureAwait(false);
        return identity.Describe(result);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return StreamAsync(messages, options, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType == typeof(DenseConnectorModel) ? _model
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ResponseIdentity identity = new(_model.Info.ShortName);
        IAsyncEnumerable<GenerationUpdate> updates = AnswerAsync(messages, options, cancellationToken);
        await foreach (GenerationUpdate update in updates.ConfigureAwait(false))
        {
            yield return identity.Describe(update);
        }
    }

    private async IAsyncEnumerable<GenerationUpdate> AnswerAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        GenerationOptions generation = ChatOptionsReader.Read(options, this, _model.Info.ShortName);
        ChatMessage[] all = [.. messages];

        // Decoding pictures takes a while; the caller's thread may have a user interface to run.
        Conversation conversation = await Task.Run(
            () => _messages.ReadAsync(all, options?.Instructions, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        IAsyncEnumerable<GenerationUpdate> updates = _model.ContinueAsync(conversation, generation, cancellationToken);
        await foreach (GenerationUpdate update in updates.ConfigureAwait(false))
        {
            yield return update;
        }
    }
}
