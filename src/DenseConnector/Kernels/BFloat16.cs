using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DenseConnector.Kernels;

/// <summary>The bits of bfloat16 numbers: the upper half of a float32.</summary>
internal static unsafe class BFloat16
{
    /// <summary>Widens; exact.</summary>
    public static float ToSingle(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>Rounds to the nearest, ties to even, as libtorch does; NaN stays NaN.</summary>
    public static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>Rounds eight values as <see cref="FromSingle"/> does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ushort> Narrow(Vector256<float> values)
    {
        Vector256<uint> bits = RoundedBits(values) >>> 16;
        return Vector128.Narrow(bits.GetLower(), bits.GetUpper());
    }

    /// <summary>Eight values as <see cref="FromSingle"/> rounds them, widened again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Round(Vector256<float> values) =>
        (RoundedBits(values) & Vector256.Create(0xFFFF0000u)).AsSingle();

    /// <summary>Rounds sixteen values as <see cref="FromSingle"/> does; needs AVX-512.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Narrow(Vector512<float> values)
    {
        Vector512<uint> bits = values.AsUInt32();
        Vector512<uint> rounded = bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512.Create(1u));
        Vector512<uint> isNumber = Vector512.Equals(values, values).AsUInt32();
        bits = Vector512.ConditionalSelect(isNumber, rounded, Vector512.Create(0x7FC00000u));
        return Avx512F.ConvertToVector256UInt16(bits >>> 16);
    }

    /// <summary>Widens values.</summary>
    public static void Widen(ushort* source, float* destination, long count)
    {
        long i = 0;
        for (; i <= count - 8; i += 8)
        {
            Lanes256.Store(Lanes256.LoadBFloat16(source + i), destination + i);
        }

        for (; i < count; i++)
        {
            destination[i] = ToSingle(source[i]);
        }
    }

    /// <summary>Rounds values.</summary>
    public static void Narrow(float* source, ushort* destination, long count)
    {
        long i = 0;
        for (; i <= count - 8; i += 8)
        {
            Narrow(Vector256.Load(source + i)).Store(destination + i);
        }

        for (; i < count; i++)
        {
            destination[i] = FromSingle(source[i]);
        }
    }

    /// <summary>The rounded values in the upper halves; the lower halves mean nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> RoundedBits(Vector256<float> values)
    {
        Vector256<uint> bits = values.AsUInt32();
        Vector256<uint> rounded = bits + Vector256.Create(0x7FFFu) + ((bits >>> 16) & Vector256.Create(1u));
        Vector256<uint> isNumber = Vector256.Equals(values, values).AsUInt32();
        return Vector256.ConditionalSelect(isNumber, rounded, Vector256.Create(0x7FC00000u));
    }
}
