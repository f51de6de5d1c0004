using System.Globalization;
using DenseConnector.Layers;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Connectors;

/// <summary>
/// Maps visual tokens to the language model's width (<c>build_vision_projector</c>): <c>[..., input]</c> → <c>[...,
/// output]</c>.
/// </summary>
/// <remarks>
/// <c>linear</c> is one linear layer; <c>mlp{n}x_gelu</c> is n of them with GELU between; <c>identity</c> has no
/// weights and hands the tokens on.
/// </remarks>
internal sealed class Projector : nn.Module<Tensor, Tensor>
{
    /// <summary>The configuration names that <see cref="Depth"/> knows, for error messages.</summary>
    public const string Names = "'linear', 'mlp{n}x_gelu' and 'identity'";

    private readonly TorchSharp.Modules.ModuleList<Linear> _layers = new();
    private readonly DeviceGuard _guard;

    /// <summary>Reads the projector a configuration names.</summary>
    /// <exception cref="ArgumentException">
    /// The name is not known, or it has no layers and the widths differ; <see cref="Depth"/> tells beforehand.
    /// </exception>
    public Projector(WeightScope weights, string name, long input, long output)
        : base(nameof(Projector))
    {
        int depth = Depth(name) ?? throw new ArgumentException($"'{name}' is no projector.", nameof(name));
        if (depth == 0 && input != output)
        {
            throw new ArgumentException($"'{name}' cannot turn width {input} into {output}.", nameof(name));
        }

        _guard = new DeviceGuard(nameof(Projector), weights.Device, weights.Type);
        for (int layer = 0; layer < depth; layer++)
        {
            // A lone linear layer has no index; in the official nn.Sequential the activations take every second one.
            WeightScope scope = name == "linear" ? weights : weights.At(2 * layer);
            _layers.Add(new Linear(scope, layer == 0 ? input : output, output, bias: true));
        }

        RegisterComponents();
    }

    /// <summary>
    /// The number of linear layers a configuration name stands for, or <c>null</c> if the name is not known.
    /// </summary>
    public static int? Depth(string name)
    {
        const string Prefix = "mlp";
        const string Suffix = "x_gelu";
        return name == "linear" ? 1
            : name == "identity" ? 0
            : name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal) &&
                int.TryParse(name[Prefix.Length..^Suffix.Length], NumberStyles.None, null, out int depth) &&
                depth is >= 1 and <= 16 ? depth
            : null;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The tokens lie on another device or are of another type.</exception>
    public override Tensor forward(Tensor input)
    {
        _guard.Require(input, "visual tokens");
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = _layers.Count == 0 ? input.alias() : _layers[0].call(input);
        foreach (Linear layer in _layers.Skip(1))
        {
            hidden = layer.call(nn.functional.gelu(hidden));
        }

        return hidden.MoveToOuterDisposeScope();
    }
}
