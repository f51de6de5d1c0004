using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using DenseConnector.Loading;

namespace DenseConnector.Cli.Synthesis;

/// <summary>The values of one random weight, produced front to back at the speed of memory.</summary>
/// <remarks>
/// Random bits become numbers without arithmetic: sign, mantissa and the lowest exponent bit are random, the other
/// exponent bits say the size. So magnitudes lie within a factor of four of each other and their root mean square is
/// near one over the root of the inputs of a matrix.
/// </remarks>
internal sealed class RandomWeights
{
    // Of magnitudes between 1 and 4 whose exponent is 0 or 1 with equal chance: sqrt((7/3 + 28/3) / 2).
    private const double RootMeanSquare = 2.415;

    private readonly TensorType _type;
    private readonly ushort? _constant;
    private readonly ushort _random;
    private readonly ushort _fixed;
    private Vector512<ulong> _state;

    /// <summary>Prepares the values of one tensor; they follow from its name, its shape and the seed.</summary>
    public RandomWeights(string name, ReadOnlySpan<long> shape, TensorType type, ulong seed)
    {
        _type = type;
        bool half = type == TensorType.F16;
        if (shape.Length == 1)
        {
            bool isBias = name.EndsWith("bias", StringComparison.Ordinal);
            _constant = isBias ? (ushort)0 : BitConverter.HalfToUInt16Bits((Half)1);
            _constant = isBias || half ? _constant : (ushort)(BitConverter.SingleToUInt32Bits(1) >> 16);
        }

        long inputs = 1;
        for (int i = 1; i < shape.Length; i++)
        {
            inputs *= shape[i];
        }

        int exponent = (int)Math.Round(Math.Log2(1 / Math.Sqrt(inputs) / RootMeanSquare));
        (int mantissaBits, int bias) = half ? (10, 15) : (7, 127);

        // The lowest exponent bit is left to chance, so the exponent's other bits have to be those of an even number.
        int biased = (exponent + bias) & ~1;
        _fixed = (ushort)(Math.Max(biased, 2) << mantissaBits);
        _random = (ushort)(0x8000 | ((2 << mantissaBits) - 1));

        ulong start = seed ^ 0x9E3779B97F4A7C15;
        foreach (byte character in Encoding.UTF8.GetBytes(name))
        {
            start = (start ^ character) * 0x100000001B3;
        }

        Span<ulong> lanes = stackalloc ulong[Vector512<ulong>.Count];
        for (int lane = 0; lane < lanes.Length; lane++)
        {
            start = Mix(start + 0x9E3779B97F4A7C15);
            lanes[lane] = start | 1; // A generator of this kind stays at zero for ever.
        }

        _state = Vector512.Create<ulong>(lanes);
    }

    /// <summary>Writes the next values; the length is a multiple of the type's size.</summary>
    public void Fill(Span<byte> destination)
    {
        if (_type == TensorType.F32)
        {
            FillWide(MemoryMarshal.Cast<byte, uint>(destination));
        }
        else
        {
            FillNarrow(MemoryMarshal.Cast<byte, ushort>(destination));
        }
    }

    private void FillNarrow(Span<ushort> destination)
    {
        if (_constant is ushort constant)
        {
            destination.Fill(constant);
            return;
        }

        Vector512<ushort> random = Vector512.Create(_random);
        Vector512<ushort> kept = Vector512.Create(_fixed);
        int i = 0;
        for (; i <= destination.Length - Vector512<ushort>.Count; i += Vector512<ushort>.Count)
        {
            ((Next().AsUInt16() & random) | kept).CopyTo(destination[i..]);
        }

        if (i < destination.Length)
        {
            Span<ushort> last = stackalloc ushort[Vector512<ushort>.Count];
            ((Next().AsUInt16() & random) | kept).CopyTo(last);
            last[..(destination.Length - i)].CopyTo(destination[i..]);
        }
    }

    /// <summary>Float32 values are bfloat16 ones with zeros behind.</summary>
    private void FillWide(Span<uint> destination)
    {
        Span<ushort> narrow = new ushort[Math.Min(destination.Length, 1 << 16)];
        while (!destination.IsEmpty)
        {
            Span<ushort> part = narrow[..Math.Min(narrow.Length, destination.Length)];
            FillNarrow(part);
            for (int i = 0; i < part.Length; i++)
            {
                destination[i] = (uint)part[i] << 16;
            }

            destination = destination[part.Length..];
        }
    }

    /// <summary>Eight xorshift generators side by side (Marsaglia, "Xorshift RNGs", 2003).</summary>
    private Vector512<ulong> Next()
    {
        _state ^= _state << 13;
        _state ^= _state >>> 7;
        _state ^= _state << 17;
        return _state;
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
