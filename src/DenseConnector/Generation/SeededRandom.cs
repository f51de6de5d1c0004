namespace DenseConnector.Generation;

/// <summary>
/// A small random number generator of its own (SplitMix64), so that a seed means the same on every machine and .NET
/// version.
/// </summary>
/// <param name="seed">The start; equal seeds give equal numbers.</param>
internal sealed class SeededRandom(long seed)
{
    private ulong _state = (ulong)seed;

    /// <summary>The next number, from 0 (included) to 1 (excluded), with 53 random bits.</summary>
    public double Next()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        mixed ^= mixed >> 31;
        return (mixed >> 11) * (1.0 / (1UL << 53));
    }
}
