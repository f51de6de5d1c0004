using System.Globalization;

namespace DenseConnector.Text;

/// <summary>Reads whole files of a tokenizer, none longer than its kind can be.</summary>
internal static class BoundedFile
{
    private const int MaxBytes = 64 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">What it is, with its article, for the error.</param>
    /// <exception cref="CheckpointException">The file cannot be read or is too long.</exception>
    public static byte[] Read(string path, string kind)
    {
        try
        {
            // Asked of the open file: a symbolic link, as in a hub cache, has a length of its own.
            using FileStream file = File.OpenRead(path);
            long length = file.Length;
            if (length > MaxBytes)
            {
                throw new CheckpointException(path, string.Create(
                    CultureInfo.InvariantCulture, $"has {length:N0} bytes; {kind} has at most {MaxBytes:N0}."));
            }

            byte[] bytes = new byte[length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read ({e.Message})", e);
        }
    }
}
