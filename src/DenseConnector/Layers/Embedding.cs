using DenseConnector.Kernels;
using DenseConnector.Loading;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>A table of vectors: ids <c>[count]</c> → <c>[count, width]</c>.</summary>
internal sealed class Embedding : nn.Module<Tensor, Tensor>
{
    private readonly Parameter _weight;
    private readonly IKernelMatrix? _matrix;
    private readonly WorkerTeam? _team;

    /// <summary>Reads <c>weight [rows, width]</c>.</summary>
    public Embedding(WeightScope weights, long rows, long width)
        : base(nameof(Embedding))
    {
        _weight = weights.Parameter("weight", rows, width);
        _matrix = DenseWeight.MatrixOf(_weight);
        _team = weights.Compute.Team;
        RegisterComponents();
    }

    /// <summary>Number of vectors.</summary>
    public long Rows => _weight.shape[0];

    /// <inheritdoc/>
    public override Tensor forward(Tensor ids) => _weight.index_select(0, ids);

    /// <summary>
    /// The scores of every row against hidden states (a tied output head): <c>[..., width]</c> → <c>[..., rows]</c>.
    /// </summary>
    public Tensor Score(Tensor hidden) => _team is not null && TensorRows.AreFew(hidden, _matrix!.MaxInputs)
        ? Linear.MultiplyFew(_team, _matrix, hidden)
        : nn.functional.linear(hidden, _weight);
}
