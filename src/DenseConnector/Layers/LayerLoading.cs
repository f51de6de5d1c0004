using DenseConnector.Loading;

namespace DenseConnector.Layers;

/// <summary>Builds the common layers from a <see cref="WeightScope"/>, one line for name and shape.</summary>
internal static class LayerLoading
{
    /// <summary>A linear layer <c>[output, input]</c>, with a bias if <paramref name="bias"/>.</summary>
    public static Linear Linear(this WeightScope weights, string name, long input, long output, bool bias) =>
        new(weights.At(name), input, output, bias);

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
