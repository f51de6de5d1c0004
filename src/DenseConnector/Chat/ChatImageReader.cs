using DenseConnector.Imaging;
using Microsoft.Extensions.AI;

namespace DenseConnector.Chat;

/// <summary>Reads the pictures of chat messages, from where the options allow.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="options">What may be read.</param>
internal sealed class ChatImageReader(ChatClientOptions options)
{
    /// <summary>Reads a picture that came as bytes.</summary>
    /// <param name="content">The bytes, or a <c>data:</c> URI.</param>
    /// <param name="name">The picture's name in errors.</param>
    /// <exception cref="InvalidImageException">The bytes are not an acceptable picture.</exception>
    public ImageInput Read(DataContent content, string name) => ImageInput.Decode(name, content.Data, options.Images);

    /// <summary>Reads a picture by its URI.</summary>
    /// <param name="content">The URI.</param>
    /// <param name="name">The picture's name in errors.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="InvalidImageException">The picture cannot be read, or is not an acceptable one.</exception>
    /// <exception cref="NotSupportedException">
    /// The options do not allow the URI, or nothing reads its scheme.
    /// </exception>
    public async Task<ImageInput> ReadAsync(UriContent content, string name, CancellationToken cancellationToken)
    {
        Uri uri = content.Uri;
        return uri switch
        {
            { Scheme: "data" } => Read(new DataContent(uri), name),
            { IsFile: true, IsUnc: false } when options.AllowFileUris => await ImageInput.LoadAsync(
                uri.LocalPath, options.Images, cancellationToken).ConfigureAwait(false),
            { IsFile: true, IsUnc: false } => throw new NotSupportedException(
                $"{name} is a file, which messages may not name here. Give the picture's bytes as DataContent, or " +
                "set ChatClientOptions.AllowFileUris if you trust whoever writes the messages."),
            { Scheme: "https" } when options.OpenRemoteImage is not null =>
                await FetchAsync(uri, options.OpenRemoteImage, cancellationToken).ConfigureAwait(false),
            { Scheme: "https" } => throw new NotSupportedException(
                $"{name} is a web address, and no pictures are fetched here. Give the picture's bytes as " +
                "DataContent, or set ChatClientOptions.OpenRemoteImage."),
            _ => throw new NotSupportedException(
                $"{name} has the URI scheme '{uri.Scheme}'{(uri.IsUnc ? " of another machine" : string.Empty)}; " +
                "expected a data: URI or, where ChatClientOptions allows it, a local file: or an https: URI."),
        };
    }

    private async Task<ImageInput> FetchAsync(
        Uri uri, Func<Uri, CancellationToken, Task<Stream>> open, CancellationToken cancellationToken)
    {
        // The rest of an address may hold a secret.
        string name = uri.GetLeftPart(UriPartial.Path);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.RemoteImageTimeout);
        try
        {
            Stream stream = await open(uri, limit.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                ReadOnlyMemory<byte> encoded = await EncodedPicture.ReadAsync(
                    name, stream, limit.Token, options.MaxRemoteImageBytes).ConfigureAwait(false);
                return ImageInput.Decode(name, encoded, options.Images);
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidImageException(
                name,
                $"was not read within {options.RemoteImageTimeout.TotalSeconds:0.###} seconds; give its bytes, or " +
                "set ChatClientOptions.RemoteImageTimeout.",
                e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new InvalidImageException(name, $"cannot be fetched ({e.Message})", e);
        }
    }
}
