using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Quantizing;

/// <summary>
/// The weights of a model as a checkpoint stores them that is quantised: matrices of the language model rounded, all
/// others in the type the model computes in.
/// </summary>
/// <remarks>
/// Which tensors there are, and what they are called, is what the loader asks for when it builds a model from such a
/// checkpoint. One matrix is in memory at a time. Used by one thread.
/// </remarks>
internal sealed class QuantizedWeights : IDisposable
{
    private readonly WeightSource _source;
    private readonly ComputeContext _compute;
    private readonly Dictionary<string, (string Matrix, Quantization Format)> _matrixOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _rounded = new(StringComparer.Ordinal);

    /// <summary>Finds out which tensors there are; no weight is read.</summary>
    /// <param name="plan">The model that is not quantised.</param>
    /// <param name="source">Its weights, under the names that one checkpoint has for all of them.</param>
    /// <param name="format">The format of the matrices.</param>
    /// <param name="type">The type of the other weights, and of the matrices before they are rounded.</param>
    /// <param name="cancellation">Ends it.</param>
    public QuantizedWeights(
        ModelPlan plan, WeightSource source, Quantization format, ScalarType type, CancellationToken cancellation)
    {
        _source = source;
        AskedTensors asked = new(source);
        ModelPlan quantized = plan with { Config = plan.Config with { Quantization = format } };
        new ModelAssembly(quantized, new ComputeContext(type, META), format, cancellation)
            .Assemble(asked, tower: null, auxiliary: null)
            .Dispose();
        Tensors = asked.All;
        foreach ((string name, TensorType stored, _) in Tensors)
        {
            if (stored == TensorType.U8)
            {
                AddMatrix(name[..^Int4Weight.Suffix.Length], name, Quantization.Int4);
            }
            else if (stored == TensorType.I8)
            {
                AddMatrix(name, name, Quantization.Int8);
            }
        }

        _compute = ComputeContext.Start(type, CPU);
    }

    /// <summary>Name, type and shape of each tensor, in the order of the model's parts.</summary>
    public IReadOnlyList<(string Name, TensorType Type, IReadOnlyList<long> Shape)> Tensors { get; }

    /// <summary>
    /// Makes the tensor of a name: each once, in any order, quickest where a matrix's own follow each other. The caller
    /// disposes it.
    /// </summary>
    /// <exception cref="CheckpointException">A weight cannot be read.</exception>
    public Tensor Take(string name, CancellationToken cancellation)
    {
        if (_matrixOf.TryGetValue(name, out (string Matrix, Quantization Format) matrix))
        {
            if (!_rounded.ContainsKey(name))
            {
                Round(matrix.Matrix, matrix.Format, cancellation);
            }

            _rounded.Remove(name, out Tensor? rounded);
            return rounded!;
        }

        (_, _, IReadOnlyList<long> shape) = Tensors.First(tensor => tensor.Name == name);
        return _source.Read(name, [.. shape], _compute.Type, CPU, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor rounded in _rounded.Values)
        {
            rounded.Dispose();
        }

        _compute.Dispose();
    }

    private void AddMatrix(string matrix, string weights, Quantization format)
    {
        _matrixOf[weights] = (matrix, format);
        _matrixOf[matrix + Int8Weight.ScaleSuffix] = (matrix, format);
    }

    private void Round(string matrix, Quantization format, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor dense = _source.Read(matrix, [.. _source.ShapeOf(matrix)!], _compute.Type, CPU, cancellation);
        using LinearWeight weight = LayerLoading.Round(dense, format, _compute);
        foreach ((string name, Tensor values) in weight.Stored(matrix))
        {
            _rounded.Add(name, values.alias().DetachFromDisposeScope());
        }
    }
}
