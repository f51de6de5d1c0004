using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DenseConnector.Text;

namespace DenseConnector.Cli.Serving;

/// <summary>Makes several answers to one question at the same time.</summary>
/// <param name="model">The model.</param>
/// <param name="conversation">The question.</param>
/// <param name="options">How they are made; each answer has the seed after the one before.</param>
/// <param name="count">How many.</param>
internal sealed class Answers(
    DenseConnectorModel model, Conversation conversation, GenerationOptions options, int count)
{
    /// <summary>
    /// Gives the pieces of all answers as they are made; if one fails, or the reader leaves, all of them end.
    /// </summary>
    public async IAsyncEnumerable<AnswerPiece> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<AnswerPiece> pieces = Channel.CreateUnbounded<AnswerPiece>();
        Task all = CompleteAsync();
        try
        {
            await foreach (AnswerPiece piece in pieces.Reader.ReadAllAsync(cancellationToken))
            {
                yield return piece;
            }
        }
        finally
        {
            await ended.CancelAsync();
            await all;
        }

        async Task CompleteAsync()
        {
            try
            {
                await Task.WhenAll(Enumerable.Range(0, count).Select(MakeAsync));
                pieces.Writer.Complete();
            }
            catch (Exception e) // The reader gets it.
            {
                pieces.Writer.Complete(e);
            }
        }

        async Task MakeAsync(int index)
        {
            try
            {
                GenerationOptions own = options with { Seed = options.Seed + index };
                await foreach (GenerationUpdate update in model.ContinueAsync(conversation, own, ended.Token))
                {
                    await pieces.Writer.WriteAsync(new AnswerPiece(index, update), CancellationToken.None);
                }
            }
            catch
            {
                await ended.CancelAsync();
                throw;
            }
        }
    }
}

/// <summary>A piece of one of several answers.</summary>
internal readonly record struct AnswerPiece(int Index, GenerationUpdate Update);
