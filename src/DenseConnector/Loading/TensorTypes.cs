using System.Collections.Frozen;

namespace DenseConnector.Loading;

/// <summary>The size and the spelling of each <see cref="TensorType"/>.</summary>
internal static class TensorTypes
{
    private static readonly FrozenDictionary<string, TensorType> ByName =
        Enum.GetValues<TensorType>().ToFrozenDictionary(type => type.ToString(), StringComparer.Ordinal);

    /// <summary>All names, for an error that lists what is known.</summary>
    public static string Names { get; } = string.Join(", ", Enum.GetNames<TensorType>());

    /// <summary>The size of one element, in bits; a multiple of 8 for every type so far.</summary>
    public static int Bits(this TensorType type) => type switch
    {
        TensorType.F64 or TensorType.I64 or TensorType.U64 => 64,
        TensorType.F32 or TensorType.I32 or TensorType.U32 => 32,
        TensorType.F16 or TensorType.BF16 or TensorType.I16 or TensorType.U16 => 16,
        TensorType.I8 or TensorType.U8 or TensorType.BOOL or TensorType.F8_E4M3 or TensorType.F8_E5M2 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type of the format."),
    };

    /// <summary>Finds a type by its name in the format; upper and lower case differ.</summary>
    // Not Enum.TryParse, which takes numbers and lists such as "F32,F16" too.
    public static bool TryParse(string name, out TensorType type) => ByName.TryGetValue(name, out type);
}
