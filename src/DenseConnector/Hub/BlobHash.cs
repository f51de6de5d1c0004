using System.Security.Cryptography;
using System.Text;

namespace DenseConnector.Hub;

/// <summary>
/// Computes the hash by which the hub names a file: SHA-256 of the bytes for files in LFS, git's SHA-1 of a blob for
/// the others.
/// </summary>
/// <remarks>Used by one thread at a time; whoever creates it disposes it.</remarks>
internal sealed class BlobHash : IDisposable
{
    /// <summary>Digits of a git blob's name.</summary>
    public const int GitLength = 40;

    /// <summary>Digits of a SHA-256.</summary>
    public const int LfsLength = 64;

    private readonly IncrementalHash _hash;
    private readonly byte[] _prefix;

    /// <summary>Starts the hash of a file.</summary>
    /// <param name="expected">The file's name on the hub; its length says which hash it is.</param>
    /// <param name="size">The file's length in bytes, which is part of a git blob.</param>
    public BlobHash(string expected, long size)
    {
        bool git = expected.Length == GitLength;
        _hash = IncrementalHash.CreateHash(git ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
        _prefix = git ? Encoding.ASCII.GetBytes($"blob {size}\0") : [];
        _hash.AppendData(_prefix);
    }

    /// <summary>Adds the file's next bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    /// <summary>Forgets all bytes.</summary>
    public void Reset()
    {
        _hash.GetHashAndReset();
        _hash.AppendData(_prefix);
    }

    /// <summary>The hash of the bytes added so far, in hexadecimal digits.</summary>
    public string Current() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
