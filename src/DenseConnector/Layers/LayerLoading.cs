using DenseConnector.Loading;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>Builds the common layers from a <see cref="WeightScope"/>, one line for name and shape.</summary>
internal static class LayerLoading
{
    /// <summary>A linear layer <c>[output, input]</c>, with a bias if <paramref name="bias"/>.</summary>
    public static Linear Linear(this WeightScope weights, string name, long input, long output, bool bias) =>
        new(weights.At(name), input, output, bias);

    /// <summary>A linear layer's matrix <c>[rows, columns]</c> in the format the scope asks for.</summary>
    /// <remarks>On the meta device, where names and shapes are checked, nothing is rounded.</remarks>
    public static LinearWeight Matrix(this WeightScope weights, string name, long rows, long columns)
    {
        if (weights.Quantization == Quantization.None || (weights.Compute.Team is null && !weights.IsQuantized))
        {
            return new DenseWeight(weights.Parameter(name, rows, columns));
        }

        if (weights.IsQuantized)
        {
            return weights.Quantization == Quantization.Int8
                ? Int8Weight.Read(weights, name, rows, columns)
                : Int4Weight.Read(weights, name, rows, columns);
        }

        using DisposeScope scope = NewDisposeScope();
        using Parameter dense = weights.Parameter(name, rows, columns);
        LinearWeight matrix = Round(dense, weights.Quantization, weights.Compute);
        scope.MoveToOuter(matrix.buffers());
        return matrix;
    }

    /// <summary>Rounds a matrix <c>[output, input]</c> of the model's type to 8 or 4 bits.</summary>
    /// <remarks>The one rounding there is: a checkpoint quantised beforehand holds what a load would make.</remarks>
    /// <param name="dense">The matrix, on the CPU.</param>
    /// <param name="format">The format; not <see cref="Quantization.None"/>.</param>
    /// <param name="compute">A context with the kernels' threads.</param>
    public static LinearWeight Round(Tensor dense, Quantization format, ComputeContext compute) =>
        format == Quantization.Int8 ? Int8Weight.Round(dense, compute) : Int4Weight.Round(dense, compute);

    /// <summary>
    /// The linear layer that scores the vocabulary, <c>lm_head</c>: in 8 bits where the others have 4, as every
    /// answer depends on it and it is small beside them.
    /// </summary>
    public static Linear Head(this WeightScope weights, long hidden, long vocabulary, bool bias) => weights
        .With(HeadFormat(weights.Quantization), weights.IsQuantized)
        .Linear("lm_head", hidden, vocabulary, bias);

    /// <summary>The format of <see cref="Head"/> where the other matrices have another.</summary>
    public static Quantization HeadFormat(Quantization others) =>
        others == Quantization.None ? Quantization.None : Quantization.Int8;

    /// <summary>A layer normalisation of <paramref name="width"/> channels.</summary>
    public static LayerNorm LayerNorm(this WeightScope weights, string name, long width, double epsilon) =>
        new(weights.At(name), width, epsilon);

    /// <summary>A root-mean-square normalisation of <paramref name="width"/> channels.</summary>
    public static RmsNorm RmsNorm(this WeightScope weights, string name, long width, double epsilon) =>
        new(weights.At(name), width, epsilon);

    /// <summary>A table of <paramref name="rows"/> vectors.</summary>
    public static Embedding Embedding(this WeightScope weights, string name, long rows, long width) =>
        new(weights.At(name), rows, width);
}
