using DenseConnector.Catalog;
using DenseConnector.Cli.Synthesis;

namespace DenseConnector.Cli;

/// <summary>What a model of the catalog takes of this machine's memory, before anything of it is downloaded.</summary>
/// <param name="Precision">The number format it is computed in.</param>
/// <param name="Bytes">Weights, the keys and values of <see cref="Tokens"/> tokens, and room to compute in.</param>
/// <param name="Fits">Whether this machine has as much.</param>
internal sealed record MemoryNeed(Precision Precision, long Bytes, bool Fits)
{
    /// <summary>The tokens, prompt and answer, that there is room for: one long request.</summary>
    public const int Tokens = 4096;

    // The code of libtorch and .NET, and the activations of one chunk of a prompt.
    private const long Room = 768L << 20;

    /// <summary>Memory this process may use, in bytes.</summary>
    public static long Available => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>The needs of a model in each number format that a CPU computes in.</summary>
    public static IReadOnlyList<MemoryNeed> Of(CatalogEntry entry) =>
        [Of(entry, Precision.Float32, sizeof(float)), Of(entry, Precision.BFloat16, sizeof(ushort))];

    private static MemoryNeed Of(CatalogEntry entry, Precision precision, int bytesPerNumber)
    {
        long cached = Blueprint.Of(entry)?.CachedNumbersPerToken ?? 0;
        long bytes = (bytesPerNumber * (entry.Parameters + (Tokens * cached))) + Room;
        return new MemoryNeed(precision, bytes, bytes <= Available);
    }
}
