using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>The activations that configurations name.</summary>
internal static class Activations
{
    /// <summary>The names <see cref="Find"/> knows, for error messages.</summary>
    public const string Names = "'quick_gelu', 'gelu', 'gelu_new' and 'gelu_pytorch_tanh'";

    /// <summary>
    /// The activation of a configuration name (<c>ACT2FN</c> of transformers), or <c>null</c> if it is not known.
    /// </summary>
    public static Func<Tensor, Tensor>? Find(string name) => name switch
    {
        "quick_gelu" => QuickGelu,
        "gelu" => nn.functional.gelu,
        "gelu_new" or "gelu_pytorch_tanh" => input =>
            nn.functional.gelu(input, TorchSharp.Modules.GELU.Approximate.tanh),
        _ => null,
    };

    /// <summary>OpenAI's sigmoid form of GELU: <c>x · sigmoid(1.702 x)</c>.</summary>
    private static Tensor QuickGelu(Tensor input) => input.Times(1.702).sigmoid_().mul_(input);
}
