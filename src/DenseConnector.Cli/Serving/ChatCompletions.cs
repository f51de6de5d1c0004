using System.Diagnostics;
using DenseConnector.Chat;
using DenseConnector.Cli.Serving.Contracts;
using DenseConnector.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DenseConnector.Cli.Serving;

/// <summary><c>POST /v1/chat/completions</c>: from a request's bytes to its answers.</summary>
/// <remarks>
/// A client that leaves ends its answers before their next token. Nothing is sent before the first token is made, so
/// that all that is wrong with a request has a status of its own.
/// </remarks>
/// <param name="served">The model.</param>
/// <param name="reader">Reads requests.</param>
/// <param name="images">Reads pictures, as far as that is allowed.</param>
/// <param name="queue">Who is in the server.</param>
/// <param name="drain">Ends what takes too long when the server stops.</param>
/// <param name="logger">Told what was answered.</param>
internal sealed class ChatCompletions(
    ServedModel served,
    ChatRequestReader reader,
    ChatImageReader images,
    RequestQueue queue,
    Drain drain,
    ILogger<ChatCompletions> logger)
{
    /// <summary>Answers a request.</summary>
    public async Task AnswerAsync(HttpContext http)
    {
        long start = Stopwatch.GetTimestamp();
        using CancellationTokenSource ended =
            CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, drain.Over);
        CancellationToken token = ended.Token;
        using RequestQueue.Place place = queue.Enter();
        DenseConnectorModel model = served.Model;
        ChatQuestion question = await reader.ReadAsync(http.Request, served.Id, token);
        await place.WaitAsync(token);

        Conversation conversation = await new ChatMessageReader(images, model.Marks).ReadAsync(
            question.Messages, null, token);
        CompletionForm form = new(served.Id, question.Answers);
        IAsyncEnumerable<AnswerPiece> pieces =
            new Answers(model, conversation, question.Options, question.Answers).StreamAsync(token);
        if (question.Stream)
        {
            await SendAsync(new EventStream(http.Response), form, pieces, question.IncludeUsage, http, token);
        }
        else
        {
            await foreach (AnswerPiece piece in pieces)
            {
                form.Add(piece);
            }

            await http.Response.WriteAsJsonAsync(
                form.Whole, ServingJson.Default.ChatCompletion, cancellationToken: token);
        }

        CompletionUsage usage = form.Usage;
        ServingLog.Answered(
            logger,
            form.Id,
            usage.PromptTokens,
            usage.PromptTokensDetails.CachedTokens,
            usage.CompletionTokens,
            Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private async Task SendAsync(
        EventStream events,
        CompletionForm form,
        IAsyncEnumerable<AnswerPiece> pieces,
        bool includeUsage,
        HttpContext http,
        CancellationToken cancellationToken)
    {
        try
        {
            await foreach (AnswerPiece piece in pieces)
            {
                foreach (ChatChunk chunk in form.Describe(piece))
                {
                    await events.SendAsync(chunk, ServingJson.Default.ChatChunk, cancellationToken);
                }
            }

            if (includeUsage)
            {
                await events.SendAsync(form.UsageChunk, ServingJson.Default.ChatChunk, cancellationToken);
            }

            await events.SendDoneAsync(cancellationToken);
        }
        catch (Exception e) when (http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            // The status is sent; what is left is an event in its place, and no [DONE].
            ErrorBody error = ErrorResponses.Translate(e, logger).Body;
            await events.SendAsync(error, ServingJson.Default.ErrorBody, http.RequestAborted);
        }
    }
}
