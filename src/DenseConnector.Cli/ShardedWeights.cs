using System.Text.Json;
using DenseConnector.Loading;

namespace DenseConnector.Cli;

/// <summary>Writes weights as they are published: one safetensors file, or several with an index.</summary>
/// <remarks>
/// Tensors go by the power of two that their lengths are multiples of, the largest first, and else stay in order: so
/// each starts at a multiple of its elements' size, and of a cache line where its length is one, and can be mapped.
/// </remarks>
internal static class ShardedWeights
{
    /// <summary>Writes the files of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="tensors">Name, type and shape of each tensor.</param>
    /// <param name="shardBytes">The most bytes of weights in one file, if a tensor is not larger.</param>
    /// <param name="append">Writes the bytes of the tensor of a name; called for each once.</param>
    /// <exception cref="IOException">The disk is full.</exception>
    public static void Write(
        string folder,
        IReadOnlyList<(string Name, TensorType Type, IReadOnlyList<long> Shape)> tensors,
        long shardBytes,
        Action<SafetensorsWriter, string> append)
    {
        List<List<(string Name, TensorType Type, IReadOnlyList<long> Shape)>> shards = [[]];
        long inShard = 0, total = 0;
        foreach ((string Name, TensorType Type, IReadOnlyList<long> Shape) tensor in tensors.OrderByDescending(
            tensor => AlignmentOf(SafetensorsWriter.ByteLength(tensor.Type, tensor.Shape))))
        {
            long bytes = SafetensorsWriter.ByteLength(tensor.Type, tensor.Shape);
            if (inShard > 0 && inShard + bytes > shardBytes)
            {
                shards.Add([]);
                inShard = 0;
            }

            shards[^1].Add(tensor);
            inShard += bytes;
            total += bytes;
        }

        Dictionary<string, string> map = new(StringComparer.Ordinal);
        for (int i = 0; i < shards.Count; i++)
        {
            string file = shards.Count == 1
                ? "model.safetensors"
                : $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors";
            using SafetensorsWriter writer = new(Path.Combine(folder, file), shards[i]);
            foreach ((string name, _, _) in shards[i])
            {
                append(writer, name);
                map[name] = file;
            }

            writer.Complete();
        }

        if (shards.Count > 1)
        {
            var index = new { metadata = new { total_size = total }, weight_map = map };
            File.WriteAllText(
                Path.Combine(folder, "model.safetensors.index.json"),
                JsonSerializer.Serialize(index, ToolJson.Options));
        }
    }

    /// <summary>Refuses to write more than the disk has room for.</summary>
    /// <exception cref="IOException">The disk is too small.</exception>
    public static void RequireRoom(string folder, long bytes)
    {
        long free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (free < bytes)
        {
            throw new IOException(
                $"{folder}: the weights take {bytes:N0} bytes, the disk has {free:N0} left. Choose another disk or " +
                "a smaller model.");
        }
    }

    /// <summary>The largest power of two that a length is a multiple of, up to a cache line.</summary>
    private static long AlignmentOf(long length) => Math.Min(length & -length, SafetensorsWriter.Alignment);
}
