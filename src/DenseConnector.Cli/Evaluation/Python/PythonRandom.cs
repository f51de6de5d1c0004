using System.Numerics;

namespace DenseConnector.Cli.Evaluation.Python;

/// <summary>Python's random numbers for a seed: the Mersenne Twister MT19937.</summary>
/// <remarks>
/// Scores of the official scripts contain guesses drawn from it, so only the same numbers give the same scores.
/// </remarks>
internal sealed class PythonRandom
{
    private const int Length = 624;
    private const int Middle = 397;
    private const uint Twist = 0x9908b0df;
    private const uint UpperBit = 0x80000000;

    private readonly uint[] _state = new uint[Length];
    private int _next = Length;

    /// <summary>Starts the numbers of <c>random.seed</c>.</summary>
    public PythonRandom(int seed)
    {
        // Python seeds by a list of words, which a small seed fills with one: the general case of the reference code.
        uint word = (uint)Math.Abs((long)seed);
        _state[0] = 19650218;
        for (uint i = 1; i < Length; i++)
        {
            _state[i] = (Mixed(i - 1) * 1812433253) + i;
        }

        uint place = 1;
        for (int step = 0; step < Length; step++)
        {
            _state[place] = (_state[place] ^ (Mixed(place - 1) * 1664525)) + word;
            Advance(ref place);
        }

        for (int step = 1; step < Length; step++)
        {
            _state[place] = (_state[place] ^ (Mixed(place - 1) * 1566083941)) - place;
            Advance(ref place);
        }

        _state[0] = UpperBit;
    }

    /// <summary>The next 32 bits.</summary>
    public uint NextWord()
    {
        if (_next == Length)
        {
            Renew();
        }

        uint word = _state[_next++];
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c5680;
        word ^= (word << 15) & 0xefc60000;
        return word ^ (word >> 18);
    }

    /// <summary>One of the items, each as likely as the others: <c>random.choice</c>.</summary>
    /// <exception cref="ArgumentException">There are no items.</exception>
    public T Choice<T>(IReadOnlyList<T> items)
    {
        if (items.Count == 0)
        {
            throw new ArgumentException("There is nothing to choose from.", nameof(items));
        }

        // Draws as many bits as the count has until they make a number below it.
        int unused = BitOperations.LeadingZeroCount((uint)items.Count);
        uint index;
        do
        {
            index = NextWord() >> unused;
        }
        while (index >= items.Count);

        return items[(int)index];
    }

    private uint Mixed(uint place) => _state[place] ^ (_state[place] >> 30);

    private void Advance(ref uint place)
    {
        if (++place == Length)
        {
            _state[0] = _state[Length - 1];
            place = 1;
        }
    }

    private void Renew()
    {
        for (int i = 0; i < Length; i++)
        {
            uint joined = (_state[i] & UpperBit) | (_state[(i + 1) % Length] & ~UpperBit);
            _state[i] = _state[(i + Middle) % Length] ^ (joined >> 1) ^ ((joined & 1) * Twist);
        }

        _next = 0;
    }
}
