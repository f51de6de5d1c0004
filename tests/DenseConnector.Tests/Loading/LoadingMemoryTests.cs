using System.Globalization;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Loading;

/// <summary>
/// What a load takes at its worst moment: the final weights and a staging tensor, whatever the files' number and size.
/// </summary>
[Collection(nameof(Alone))]
public sealed class LoadingMemoryTests : TensorTest
{
    private const int Shards = 4;
    private const int TensorsPerShard = 12;
    private const int Elements = 1 << 20;
    private const long MebiByte = 1 << 20;

    [LinuxX64Fact]
    public void Read_ManyShards_PeaksAtTheFinalSize()
    {
        using TemporaryFolder folder = WriteShards();
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        List<Tensor> read = [];
        GC.Collect();
        long before = ResetPeak();
        foreach (string name in checkpoint.Tensors.Keys)
        {
            read.Add(checkpoint.Read(name, [Elements], ScalarType.Float32, CPU, CancellationToken.None));
        }

        long peak = Status("VmHWM") - before;
        read.ForEach(tensor => tensor.Dispose());

        // Stored as bfloat16, 2 MiB each, 96 in all; they stay as float32, 4 MiB each, 192 in all. Staging takes 8 MiB;
        // the rest is the allocator's own and the managed heap's. No lower bound: what was freed earlier is used again.
        const long Final = Shards * TensorsPerShard * 4 * MebiByte;
        Assert.InRange(peak, long.MinValue, Final + (8 * MebiByte) + (16 * MebiByte));
    }

    private static TemporaryFolder WriteShards()
    {
        TemporaryFolder folder = new();
        List<string> map = [];
        for (int shard = 0; shard < Shards; shard++)
        {
            string file = $"model-{shard}.safetensors";
            List<string> entries = [];
            for (int tensor = 0; tensor < TensorsPerShard; tensor++)
            {
                string name = $"{shard}.{tensor}";
                map.Add($"\"{name}\":\"{file}\"");
                entries.Add(SafetensorsBytes.Entry(
                    name, "BF16", $"[{Elements}]", 2L * Elements * tensor, 2L * Elements * (tensor + 1)));
            }

            folder.Write(file, SafetensorsBytes.Of(
                $"{{{string.Join(',', entries)}}}", 2 * Elements * TensorsPerShard));
        }

        folder.Write(
            "model.safetensors.index.json",
            System.Text.Encoding.UTF8.GetBytes($"{{\"weight_map\":{{{string.Join(',', map)}}}}}"));
        return folder;
    }

    /// <summary>Makes the kernel forget the peak so far; gives what is resident now.</summary>
    private static long ResetPeak()
    {
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Status("VmRSS");
    }

    private static long Status(string field)
    {
        string line = File.ReadLines("/proc/self/status").First(
            line => line.StartsWith(field + ':', StringComparison.Ordinal));
        string kibibytes = line[(field.Length + 1)..^" kB".Length].Trim();
        return 1024 * long.Parse(kibibytes, NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
