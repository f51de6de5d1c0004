using DenseConnector.Configuration;
using DenseConnector.Kernels;
using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Vision;

/// <summary>Full self-attention over a picture's patches (<c>CLIPAttention</c>); every projection has a bias.</summary>
internal sealed class VisionAttention : nn.Module<Tensor, Tensor>
{
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;
    private readonly int _heads;
    private readonly WorkerTeam? _team;
    private readonly PromptAttention _kernel;

    /// <summary>Reads the four projections.</summary>
    public VisionAttention(WeightScope weights, VisionConfig config)
        : base(nameof(VisionAttention))
    {
        long width = config.HiddenSize;
        _query = weights.Linear("q_proj", width, width, bias: true);
        _key = weights.Linear("k_proj", width, width, bias: true);
        _value = weights.Linear("v_proj", width, width, bias: true);
        _output = weights.Linear("out_proj", width, width, bias: true);
        _heads = config.Heads;
        _team = weights.Compute.Team;
        _kernel = new PromptAttention(_heads, _heads, (int)width / _heads);
        RegisterComponents();
    }

    /// <summary><c>[batch, tokens, width]</c> → the same.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor query, Tensor key, Tensor value) = (_query.call(input), _key.call(input), _value.call(input));
        Tensor attended = _team is not null
            ? AttendWithKernels(_team, query, key, value)
            : nn.functional.scaled_dot_product_attention(Heads(query), Heads(key), Heads(value))
                .transpose(1, 2).reshape(input.shape);
        return _output.call(attended).MoveToOuterDisposeScope();
    }

    /// <summary>On a CPU: heads are read and written where the projections lay them.</summary>
    private Tensor AttendWithKernels(WorkerTeam team, Tensor query, Tensor key, Tensor value)
    {
        Tensor attended = TensorRows.Empty(query, query.size(-1));
        RowBlock queries = TensorRows.Of(query), keys = TensorRows.Of(key), values = TensorRows.Of(value);
        RowBlock outputs = TensorRows.Of(attended);
        int tokens = (int)query.size(1);
        for (int first = 0; first < queries.Count; first += tokens)
        {
            KeyValueRows sequence = new(
                keys.Rows(first, tokens).Data,
                values.Rows(first, tokens).Data,
                keys.IsBFloat16,
                tokens,
                keys.Width / _heads,
                keys.Width);
            _kernel.Run(
                team, queries.Rows(first, tokens), sequence, isCausal: false, outputs.Rows(first, tokens));
        }

        return attended;
    }

    /// <summary><c>[batch, tokens, width]</c> → <c>[batch, heads, tokens, headSize]</c>.</summary>
    private Tensor Heads(Tensor projected) =>
        projected.view(projected.shape[0], projected.shape[1], _heads, -1).transpose(1, 2);
}
