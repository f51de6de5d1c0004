using DenseConnector.Configuration;
using DenseConnector.Connectors;
using DenseConnector.Layers;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Vision;

/// <summary>
/// A vision encoder: normalised pixels <c>[batch, 3, height, width]</c> → the features a connector asked for.
/// </summary>
/// <remarks>
/// Built only to the deepest hidden state used. Used on the inference thread; disposing frees the weights.
/// </remarks>
internal abstract class VisionEncoder : nn.Module<Tensor, VisionFeatures>
{
    private protected VisionEncoder(string name, WeightScope weights, VisionConfig config)
        : base(name)
    {
        Type = weights.Type;
        Device = weights.Device;
        Patches = config.Patches;
        Width = config.HiddenSize;
    }

    /// <summary>Patches of one picture: the tokens of each feature.</summary>
    public int Patches { get; }

    /// <summary>Channels of each feature.</summary>
    public long Width { get; }

    /// <summary>The type the encoder computes in.</summary>
    public ScalarType Type { get; }

    /// <summary>The type pixels are expected in.</summary>
    public virtual ScalarType InputType => Type;

    /// <summary>The device pixels are expected on.</summary>
    public Device Device { get; }

    /// <summary>Layers that run: those up to the deepest hidden state used.</summary>
    public abstract int LayersRun { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The pixels lie on another device or are of another type.</exception>
    public sealed override VisionFeatures forward(Tensor pixels)
    {
        new DeviceGuard(GetName(), Device, InputType).Require(pixels, "pixel values");
        return Encode(pixels);
    }

    /// <summary>What <see cref="forward"/> gives, for pixels of the right device and type.</summary>
    private protected abstract VisionFeatures Encode(Tensor pixels);
}
