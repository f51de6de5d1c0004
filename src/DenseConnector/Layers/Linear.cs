using DenseConnector.Kernels;
using DenseConnector.Loading;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>A linear layer over finished weights: <c>[..., input]</c> → <c>[..., output]</c>.</summary>
/// <remarks>
/// On a CPU a few rows are multiplied by the kernels, which read the weights as fast as memory gives them; many rows by
/// libtorch, whose product is bound by arithmetic: that of quantised weights is in integers where the model computes in
/// bfloat16 and the processor has the instructions (<see cref="IntegerProduct"/>).
/// </remarks>
internal sealed class Linear : nn.Module<Tensor, Tensor>
{
    private readonly LinearWeight _weight;
    private readonly Parameter? _bias;
    private readonly WorkerTeam? _team;

    /// <summary>Reads <c>weight [output, input]</c> and, where there is one, <c>bias [output]</c>.</summary>
    public Linear(WeightScope weights, long input, long output, bool bias)
        : base(nameof(Linear))
    {
        _weight = weights.Matrix("weight", output, input);
        _bias = bias ? weights.Parameter("bias", output) : null;
        _team = weights.Compute.Team;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => _team is not null && AreFew(input)
        ? MultiplyFew(_team, input, this)[0]
        : MultiplyMany(input);

    /// <summary>What each of some layers of one model gives for the same input.</summary>
    /// <remarks>Over a few rows on a CPU their weights are read in one go.</remarks>
    public static Tensor[] Call(Tensor input, params ReadOnlySpan<Linear> layers)
    {
        if (layers[0]._team is WorkerTeam team && layers[0].AreFew(input))
        {
            return MultiplyFew(team, input, layers);
        }

        Tensor[] outputs = new Tensor[layers.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i] = layers[i].call(input);
        }

        return outputs;
    }

    /// <summary>A product over a few rows on a CPU.</summary>
    internal static Tensor MultiplyFew(WorkerTeam team, IKernelMatrix matrix, Tensor input)
    {
        using Tensor rows = input.contiguous();
        Tensor output = TensorRows.Empty(rows, matrix.Rows);
        MatrixProduct.Run(team, TensorRows.Of(rows), new ProductTarget(matrix, null, TensorRows.Of(output)));
        return output;
    }

    private static Tensor[] MultiplyFew(WorkerTeam team, Tensor input, params ReadOnlySpan<Linear> layers)
    {
        using Tensor rows = input.contiguous();
        Tensor[] outputs = new Tensor[layers.Length];
        ProductTarget[] targets = new ProductTarget[layers.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            IKernelMatrix matrix = layers[i]._weight.Matrix!;
            outputs[i] = TensorRows.Empty(rows, matrix.Rows);
            RowBlock? bias = layers[i]._bias is Parameter values ? TensorRows.Of(values) : null;
            targets[i] = new ProductTarget(matrix, bias, TensorRows.Of(outputs[i]));
        }

        MatrixProduct.Run(team, TensorRows.Of(rows), targets);
        return outputs;
    }

    private bool AreFew(Tensor input) => TensorRows.AreFew(input, _weight.Matrix!.MaxInputs);

    private Tensor MultiplyMany(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        bool inIntegers = IntegerProduct.IsFast && _team is not null && input.dtype == ScalarType.BFloat16;
        Tensor output = inIntegers && _weight.ToIntegers() is IntegerMatrix matrix
            ? IntegerProduct.Multiply(_team!, input.contiguous(), matrix, _bias)
            : nn.functional.linear(input, _weight.ToDense(), _bias);
        return output.MoveToOuterDisposeScope();
    }
}
