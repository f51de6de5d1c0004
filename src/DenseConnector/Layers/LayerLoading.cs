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

        bool isInt8 = weights.Quantization == Quantization.Int8;
        if (weights.IsQuantized)
        {
            return isInt8
                ? Int8Weight.Read(weights, name, rows, columns)
                : Int4Weight.Read(weights, name, rows, columns);
        }

        using DisposeScope scope = NewDisposeScope();
        using Parameter dense = weights.Parameter(name, rows, columns);
        LinearWeight matrix =
            isInt8 ? Int8Weight.Round(dense, weights.Compute) : Int4Weight.Round(dense, weights.Compute);
        scope.MoveToOuter(matrix.buffers());
        return matrix;
    }

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
