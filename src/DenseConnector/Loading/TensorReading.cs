using static TorchSharp.torch;

namespace DenseConnector.Loading;

/// <summary>Makes TorchSharp tensors of what a file stores.</summary>
internal static class TensorReading
{
    /// <summary>Reads a tensor into memory of its own, on the CPU, of the type it is stored in.</summary>
    /// <exception cref="CheckpointException">The type is none of weights, or reading failed.</exception>
    public static Tensor Read(TensorLocation location, CancellationToken cancellation)
    {
        Tensor read = HugePages.Empty([.. location.Entry.Shape], StoredType(location), CPU);
        try
        {
            ReadInto(read, location, cancellation);
            return read;
        }
        catch
        {
            read.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes a tensor over the mapped file, on the CPU, of the type it is stored in; not to be written.
    /// </summary>
    /// <param name="location">The stored tensor.</param>
    /// <param name="stored">Its type.</param>
    /// <returns><c>null</c> if it can only be read; <see cref="MappedFile.TryMakeTensor"/> has the reasons.</returns>
    public static Tensor? TryMap(TensorLocation location, ScalarType stored) =>
        location.File.Mapped?.TryMakeTensor(location.Entry, stored);

    /// <summary>The TorchSharp type of a stored tensor that is asked for in a type.</summary>
    /// <param name="location">The stored tensor.</param>
    /// <param name="asked">
    /// The type it is wanted in: numbers of one format are converted to another, quantised integers are taken as they
    /// are or not at all.
    /// </param>
    /// <exception cref="CheckpointException">The stored type cannot become the one asked for.</exception>
    public static ScalarType StoredType(TensorLocation location, ScalarType asked)
    {
        TensorType? integers = asked switch
        {
            ScalarType.Int8 => TensorType.I8,
            ScalarType.Byte => TensorType.U8,
            _ => null,
        };
        return integers is null
            ? StoredType(location)
            : location.Entry.Type == integers
                ? asked
                : throw new CheckpointException(
                    location.File.Path,
                    $"tensor '{location.Entry.Name}' is of type {location.Entry.Type}; config.json says that the " +
                    $"checkpoint is quantised, so that it has to be {integers}.")
                {
                    Tensor = location.Entry.Name,
                    Expected = integers.ToString(),
                    Found = location.Entry.Type.ToString(),
                };
    }

    /// <summary>The TorchSharp type of a stored tensor of numbers.</summary>
    /// <exception cref="CheckpointException">The type is none that weights are stored in.</exception>
    public static ScalarType StoredType(TensorLocation location) => location.Entry.Type switch
    {
        TensorType.F64 => ScalarType.Float64,
        TensorType.F32 => ScalarType.Float32,
        TensorType.F16 => ScalarType.Float16,
        TensorType.BF16 => ScalarType.BFloat16,
        TensorType other => throw new CheckpointException(
            location.File.Path,
            $"tensor '{location.Entry.Name}' is of type {other}; weights are F64, F32, F16 or BF16.")
        {
            Tensor = location.Entry.Name,
            Expected = "F64, F32, F16 or BF16",
            Found = other.ToString(),
        },
    };

    /// <summary>Fills a contiguous tensor on the CPU, of the stored type, with elements of a stored one.</summary>
    /// <param name="destination">The tensor to fill.</param>
    /// <param name="location">The stored tensor.</param>
    /// <param name="cancellation">Ends the read; the destination is then partly filled.</param>
    /// <param name="start">The first element to read.</param>
    /// <exception cref="CheckpointException">Reading failed.</exception>
    public static unsafe void ReadInto(
        Tensor destination, TensorLocation location, CancellationToken cancellation, long start = 0)
    {
        long elements = destination.numel();
        if (elements == 0)
        {
            return;
        }

        // One element is enough to learn the address; a span over the whole tensor would end at 2 GB.
        int size = location.Entry.Type.Bits() / 8;
        using Tensor flat = destination.view(-1);
        using Tensor first = flat.narrow(0, 0, 1);
        fixed (byte* address = first.bytes)
        {
            location.File.ReadPart(location.Entry, start * size, address, elements * size, cancellation);
        }
    }
}
