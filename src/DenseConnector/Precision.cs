namespace DenseConnector;

/// <summary>The number format a model is computed in.</summary>
public enum Precision
{
    /// <summary>
    /// The checkpoint's own format, except that float16 weights are computed in float32 on a CPU, where float16
    /// arithmetic is slow and less exact.
    /// </summary>
    Auto,

    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>16-bit floating point (IEEE half); for CUDA devices, refused on a CPU.</summary>
    Float16,

    /// <summary>16-bit floating point with the range of float32.</summary>
    BFloat16,
}
