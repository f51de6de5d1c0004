using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>
/// Checks at the boundary of a model's part that what it is given lies on its device, in the number format it reads.
/// </summary>
/// <remarks>
/// The boundaries are those of the parts a model is joined from: vision encoder, connector, projector and decoder. Each
/// base class checks once, before the first operator; inside a part every tensor descends from one that was checked.
/// Only what a tensor says of itself is read, never a value, so nothing waits for the device.
/// </remarks>
/// <param name="part">The part's name.</param>
/// <param name="device">The device its input is expected on; without an index it stands for any of its kind.</param>
/// <param name="type">The number format its input is expected in.</param>
/// <param name="anchor">What lies on that device already; <c>null</c> for the part's weights.</param>
internal readonly struct DeviceGuard(string part, Device device, ScalarType type, string? anchor = null)
{
    /// <summary>Checks a tensor; <paramref name="what"/> names it in the plural.</summary>
    /// <exception cref="ArgumentException">It lies elsewhere or is of another type.</exception>
    public void Require(Tensor tensor, string what) => Require(tensor.device, tensor.dtype, what);

    /// <summary>Checks what is known to hold tensors of one device and type.</summary>
    /// <exception cref="ArgumentException">They lie elsewhere or are of another type.</exception>
    public void Require(Device found, ScalarType foundType, string what)
    {
        if (found.type != device.type || (found.index != device.index && found.index >= 0 && device.index >= 0))
        {
            throw new ArgumentException(
                $"The {what} lie on {found}, {anchor ?? $"the weights of {part}"} on {device}; " +
                $"move the {what} to {device} first.");
        }

        if (foundType != type)
        {
            throw new ArgumentException(
                $"The {what} are {foundType}, {part} reads {type}; convert the {what} to {type} first.");
        }
    }
}
