using static TorchSharp.torch;

namespace DenseConnector.Layers;

/// <summary>A matrix of 8-bit integers with a scale for each row, as <see cref="IntegerProduct"/> takes it.</summary>
/// <param name="Integers"><c>[rows, columns]</c>, int8.</param>
/// <param name="Scales"><c>[rows]</c>, float32.</param>
internal readonly record struct IntegerMatrix(Tensor Integers, Tensor Scales);
