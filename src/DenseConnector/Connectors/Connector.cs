using DenseConnector.Layers;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Connectors;

/// <summary>
/// Joins several layers of a vision encoder into the visual tokens a projector reads (arXiv 2405.13800): features
/// <c>[batch, patches, width]</c> → <c>[batch, TokenCount(patches), OutputWidth(width)]</c>.
/// </summary>
/// <remarks>
/// The paper's connectors have no parameters. They work on any device and floating type, and are usable in any
/// TorchSharp program that has an encoder's hidden states. Not thread-safe in the sense of TorchSharp: a tensor belongs
/// to its thread's scopes.
/// </remarks>
public abstract class Connector : nn.Module<VisionFeatures, Tensor>
{
    private protected Connector(string name, IReadOnlyList<LayerRange> ranges)
        : base(AfterLoading(name))
    {
        Ranges = ranges;
    }

    /// <summary>
    /// The hidden states whose means the encoder must hand over, in the order of <see cref="VisionFeatures.Means"/>.
    /// </summary>
    public IReadOnlyList<LayerRange> Ranges { get; }

    /// <summary>Channels of a visual token for an encoder of this width.</summary>
    public abstract long OutputWidth(long encoderWidth);

    /// <summary>Visual tokens for an encoder that gives this many patches.</summary>
    public abstract int TokenCount(int patches);

    /// <summary>Features <c>[batch, patches, width]</c> → visual tokens.</summary>
    /// <exception cref="ArgumentException">The features lie on several devices or are of several types.</exception>
    public sealed override Tensor forward(VisionFeatures features)
    {
        DeviceGuard guard = new(GetName(), features.Last.device, features.Last.dtype, anchor: "the last feature");
        foreach (Tensor mean in features.Means)
        {
            guard.Require(mean, "means of earlier layers");
        }

        return Join(features);
    }

    /// <summary>What <see cref="forward"/> gives, for features of one device and type.</summary>
    private protected abstract Tensor Join(VisionFeatures features);

    /// <summary>
    /// A module needs libtorch, and a program may make a connector before anything else of this library.
    /// </summary>
    private static string AfterLoading(string name)
    {
        NativeLibraries.EnsureLoaded();
        return name;
    }
}
