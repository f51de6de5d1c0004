using DenseConnector.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>The matrix of a linear layer in one of the formats it may be kept in.</summary>
internal abstract class LinearWeight(string name) : nn.Module(name)
{
    /// <summary>Number of weights, whatever they take.</summary>
    public abstract long Count { get; }

    /// <summary>Its tensors under the names a checkpoint stores them by.</summary>
    /// <param name="name">The matrix's own name.</param>
    public abstract IEnumerable<(string Name, Tensor Values)> Stored(string name);

    /// <summary>Bytes that a matrix takes in a format.</summary>
    /// <param name="format">The format.</param>
    /// <param name="rows">Outputs.</param>
    /// <param name="columns">Inputs.</param>
    /// <param name="type">The type the model is computed in.</param>
    public static long CountBytes(Quantization format, long rows, long columns, ScalarType type) => format switch
    {
        Quantization.Int8 => Int8Weight.CountBytes(rows, columns),
        Quantization.Int4 => Int4Weight.CountBytes(rows, columns),
        _ => rows * columns * type.ElementSize(),
    };

    /// <summary>The matrix as the kernels read it; <c>null</c> where they cannot.</summary>
    public abstract IKernelMatrix? Matrix { get; }

    /// <summary>
    /// The matrix <c>[output, input]</c> in the model's type, for products over many rows; it is only good until
    /// another layer asks for its own.
    /// </summary>
    public abstract Tensor ToDense();

    /// <summary>
    /// The matrix in 8-bit integers, for products over many rows, where it is kept in integers; it is only good until
    /// another layer asks for its own.
    /// </summary>
    public virtual IntegerMatrix? ToIntegers() => null;
}
