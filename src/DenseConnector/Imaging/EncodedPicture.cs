namespace DenseConnector.Imaging;

/// <summary>Reads the bytes of a picture file, refusing what is not a picture before reading it whole.</summary>
/// <remarks>Stateless; safe from any thread.</remarks>
internal static class EncodedPicture
{
    private const int ChunkBytes = 1 << 16;

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidImageException">
    /// The file is missing, a folder, not readable, not of an accepted format, or too large.
    /// </exception>
    public static async Task<ReadOnlyMemory<byte>> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            FileStream file = new(path, new FileStreamOptions
            {
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                BufferSize = 0,
            });
            await using (file.ConfigureAwait(false))
            {
                return await ReadAsync(path, file, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidImageException(path, Describe(path, e), e);
        }
    }

    /// <summary>Reads a stream from its position to its end.</summary>
    /// <param name="name">The picture's name in errors.</param>
    /// <param name="stream">The stream; left open.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <param name="maxBytes">The most bytes the picture may have, if that is less than any may have.</param>
    /// <exception cref="InvalidImageException">The bytes are not of an accepted format, or too many.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(
        string name,
        Stream stream,
        CancellationToken cancellationToken,
        long maxBytes = PictureLimits.MaxEncodedBytes)
    {
        maxBytes = Math.Min(maxBytes, PictureLimits.MaxEncodedBytes);
        byte[] chunk = new byte[ChunkBytes];
        int count = await stream.ReadAtLeastAsync(
            chunk, PictureSignature.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        PictureSignature.Identify(name, chunk.AsSpan(0, Math.Min(count, PictureSignature.Length)));

        MemoryStream encoded = new(ExpectedLength(stream));
        while (count > 0)
        {
            if (encoded.Length + count > maxBytes)
            {
                throw new InvalidImageException(
                    name, $"has more than {maxBytes:N0} bytes, the most a picture file may have.");
            }

            encoded.Write(chunk, 0, count);
            count = await stream.ReadAsync(chunk, cancellationToken).ConfigureAwait(false);
        }

        return encoded.GetBuffer().AsMemory(0, (int)encoded.Length);
    }

    /// <summary>A first guess of the length, so that the buffer seldom grows; a stream may say anything.</summary>
    private static int ExpectedLength(Stream stream) =>
        stream.CanSeek ? (int)Math.Clamp(stream.Length - stream.Position + ChunkBytes, 0, 64 << 20) : ChunkBytes;

    private static string Describe(string path, Exception problem) => problem switch
    {
        _ when path.Contains("://", StringComparison.Ordinal) =>
            "is a web address, expected a file; download the picture and give its path or its bytes.",
        _ when Directory.Exists(path) => "is a folder, expected a picture file; give the path of a file in it.",
        FileNotFoundException or DirectoryNotFoundException =>
            $"does not exist (the current folder is '{Environment.CurrentDirectory}'); check the path.",
        _ => $"cannot be read ({problem.Message})",
    };
}
