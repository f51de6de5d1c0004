namespace DenseConnector.Loading;

/// <summary>The element types a weight file can hold, under the names the safetensors format gives them.</summary>
/// <remarks>Not every model can use every type the format knows; whoever builds the model decides.</remarks>
internal enum TensorType
{
    F64,
    F32,
    F16,

    /// <summary>Upper half of a float32: 8 exponent bits, 7 fraction bits.</summary>
    BF16,

    I64,
    I32,
    I16,
    I8,
    U8,

    /// <summary>One byte, 0 or 1.</summary>
    BOOL,

    U16,
    U32,
    U64,

    /// <summary>Eight bits: 4 exponent bits, 3 fraction bits (arXiv 2209.05433).</summary>
    F8_E4M3,

    /// <summary>Eight bits: 5 exponent bits, 2 fraction bits (arXiv 2209.05433).</summary>
    F8_E5M2,
}
