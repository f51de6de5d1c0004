using DenseConnector.Kernels;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>
/// Attention in which every token sees every token: queries, keys and values <c>[batch, tokens, width]</c>, heads side
/// by side → the same.
/// </summary>
internal sealed class FullAttention : nn.Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly WorkerTeam? _team;
    private readonly int _heads;

    /// <summary>Attention with so many heads; it has no weights.</summary>
    public FullAttention(ComputeContext compute, int heads)
        : base(nameof(FullAttention))
    {
        _team = compute.Team;
        _heads = heads;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor query, Tensor key, Tensor value)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = _team is not null
            ? AttendWithKernel(_team, query, key, value)
            : nn.functional.scaled_dot_product_attention(Heads(query), Heads(key), Heads(value))
                .transpose(1, 2).reshape(query.shape);
        return attended.MoveToOuterDisposeScope();
    }

    /// <summary>On a CPU: heads are read and written where the projections lay them.</summary>
    private Tensor AttendWithKernel(WorkerTeam team, Tensor query, Tensor key, Tensor value)
    {
        Tensor attended = TensorRows.Empty(query, query.size(-1));
        RowBlock queries = TensorRows.Of(query), keys = TensorRows.Of(key), values = TensorRows.Of(value);
        RowBlock outputs = TensorRows.Of(attended);
        int tokens = (int)query.size(1), headSize = (int)query.size(-1) / _heads;
        PromptAttention kernel = new(_heads, _heads, headSize);
        for (int first = 0; first < queries.Count; first += tokens)
        {
            KeyValueRows sequence = new(
                keys.Rows(first, tokens).Data,
                values.Rows(first, tokens).Data,
                keys.IsBFloat16,
                tokens,
                headSize,
                keys.Width);
            kernel.Run(team, queries.Rows(first, tokens), sequence, isCausal: false, outputs.Rows(first, tokens));
        }

        return attended;
    }

    /// <summary><c>[batch, tokens, width]</c> → <c>[batch, heads, tokens, headSize]</c>.</summary>
    private Tensor Heads(Tensor projected) =>
        projected.view(projected.shape[0], projected.shape[1], _heads, -1).transpose(1, 2);
}
