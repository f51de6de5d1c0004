using DenseConnector.Loading;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Loading;

/// <summary>Loads a whole checkpoint and tells how much memory that took at its worst moment; Linux only.</summary>
/// <param name="Final">Bytes of the weights that stay.</param>
/// <param name="Largest">Bytes of the largest of them.</param>
/// <param name="Peak">The most that was resident beyond what was before the load, in bytes.</param>
/// <param name="Private">
/// What the process has resident for itself alone, beyond what it had before, after every weight was used once.
/// </param>
internal sealed record LoadMeasurement(long Final, long Largest, long Peak, long Private)
{
    /// <summary>Reads every tensor of a checkpoint as a module's weight, in a process that did not load yet.</summary>
    /// <param name="type">The type weights are converted to.</param>
    /// <param name="map">Whether weights are mapped.</param>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="baseModel">The model it adds an adapter to, or <c>null</c>.</param>
    public static LoadMeasurement Take(ScalarType type, MemoryMap map, string folder, string? baseModel)
    {
        NativeLibraries.EnsureLoaded();

        // Once for the code, the threads and the pools that stay for good.
        List<Parameter> first = Load(type, map, folder, baseModel, tensors: 1);
        first.ForEach(Use);
        first.ForEach(weight => weight.Dispose());
        GC.Collect();
        long ownBefore = ProcessMemory.Own;
        long before = ProcessMemory.ResetPeak();
        List<Parameter> weights = Load(type, map, folder, baseModel, int.MaxValue);
        long peak = ProcessMemory.Peak - before;
        weights.ForEach(Use);
        long own = ProcessMemory.Own - ownBefore;
        long[] sizes = [.. weights.Select(weight => weight.numel() * weight.element_size())];
        weights.ForEach(weight => weight.Dispose());
        return new LoadMeasurement(sizes.Sum(), sizes.Max(), peak, own);
    }

    private static List<Parameter> Load(
        ScalarType type, MemoryMap map, string folder, string? baseModel, int tensors)
    {
        using Checkpoint checkpoint = Checkpoint.Open(folder, baseModel, map);
        WeightScope weights = new(checkpoint, type, CPU);
        return [.. checkpoint.Tensors.Take(tensors).Select(
            item => weights.Parameter(item.Key, [.. item.Value.Entry.Shape]))];
    }

    private static void Use(Parameter weight)
    {
        using Tensor sum = weight.sum();
    }
}
