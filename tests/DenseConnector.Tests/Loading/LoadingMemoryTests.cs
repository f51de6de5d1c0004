using System.Globalization;
using System.Text;
using DenseConnector.Configuration;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Loading;

/// <summary>
/// What a load takes at its worst moment: the final weights and one tensor in float32, whatever the files' number and
/// size and the precision asked for. Each load runs in a process of its own, where nothing freed earlier is used again.
/// </summary>
[Collection(nameof(Alone))]
public sealed class LoadingMemoryTests
{
    private const int Shards = 4;
    private const int TensorsPerShard = 5;
    private const int Side = 2048;
    private const int Rank = 16;
    private const long MebiByte = 1 << 20;

    // The staging tensor (8 MiB), the managed heap, and what the allocator keeps in hand.
    private const long Slack = 16 * MebiByte;

    [LinuxX64Fact]
    public void Load_ShardsWidened_PeaksAtTheFinalSizeAndOneTensor() =>
        AssertPeak(ScalarType.Float32, sizeof(float), adapted: false);

    [LinuxX64Fact]
    public void Load_ShardsAsStored_PeaksAtTheFinalSizeAndOneTensor() =>
        AssertPeak(ScalarType.BFloat16, sizeof(short), adapted: false);

    [LinuxX64Fact]
    public void Load_ShardsWidenedAndAdapted_PeaksAtTheFinalSizeAndOneTensor() =>
        AssertPeak(ScalarType.Float32, sizeof(float), adapted: true);

    [LinuxX64Fact]
    public void Load_ShardsAsStoredAndAdapted_PeaksAtTheFinalSizeAndOneTensor() =>
        AssertPeak(ScalarType.BFloat16, sizeof(short), adapted: true);

    [LinuxX64Fact]
    public void Load_ShardsMapped_TakesNoMemoryOfItsOwn()
    {
        using TemporaryFolder shards = WriteShards();
        using NativeChildProcess child = new();

        Dictionary<string, string> mapped = Measure(MemoryMap.Auto);
        Dictionary<string, string> copied = Measure(MemoryMap.Never);

        const long Final = Shards * TensorsPerShard * 2L * Side * Side;
        Assert.Equal(Final, Bytes(mapped, "final"));
        Assert.InRange(Bytes(mapped, "private"), long.MinValue, Slack);

        // Or the measure is none.
        Assert.InRange(Bytes(copied, "private"), Final - Slack, long.MaxValue);

        Dictionary<string, string> Measure(MemoryMap map) =>
            child.Run("measure-load", arguments: [$"{ScalarType.BFloat16}", $"{map}", shards.Path]);
    }

    private static void AssertPeak(ScalarType type, int elementSize, bool adapted)
    {
        using TemporaryFolder shards = WriteShards();
        using TemporaryFolder adapter = WriteAdapter();
        using NativeChildProcess child = new();

        string[] folders = adapted ? [adapter.Path, shards.Path] : [shards.Path];
        Dictionary<string, string> measured = child.Run(
            "measure-load", arguments: [$"{type}", $"{MemoryMap.Never}", .. folders]);

        long final = Shards * TensorsPerShard * (long)Side * Side * elementSize;
        long peak = Bytes(measured, "peak");
        Assert.Equal(final, Bytes(measured, "final"));
        Assert.Equal(final / (Shards * TensorsPerShard), Bytes(measured, "largest"));

        // All of it is resident in the end, or the measure is none (the kernel's counts lag a little behind).
        const long OneTensor = (long)Side * Side * sizeof(float);
        Assert.InRange(peak / MebiByte, (final - Slack) / MebiByte, (final + OneTensor + Slack) / MebiByte);
    }

    private static long Bytes(Dictionary<string, string> measured, string name) =>
        long.Parse(measured[name], CultureInfo.InvariantCulture);

    /// <summary>Files of zeros in bfloat16, 8 MiB a tensor, 160 MiB in all; they take no room on the disk.</summary>
    private static TemporaryFolder WriteShards()
    {
        const long Length = 2L * Side * Side;
        TemporaryFolder folder = new();
        List<string> map = [];
        for (int shard = 0; shard < Shards; shard++)
        {
            string file = $"model-{shard}.safetensors";
            List<string> entries = [];
            for (int tensor = 0; tensor < TensorsPerShard; tensor++)
            {
                string name = Name(shard, tensor);
                map.Add($"\"{name}\":\"{file}\"");
                entries.Add(SafetensorsBytes.Entry(
                    name, "BF16", $"[{Side},{Side}]", Length * tensor, Length * (tensor + 1)));
            }

            byte[] header = SafetensorsBytes.Of($"{{{string.Join(',', entries)}}}");
            using FileStream data = File.OpenWrite(folder.Write(file, header));
            data.SetLength(header.Length + (Length * TensorsPerShard));
        }

        folder.Write(
            "model.safetensors.index.json", Encoding.UTF8.GetBytes($"{{\"weight_map\":{{{string.Join(',', map)}}}}}"));
        return folder;
    }

    /// <summary>A LoRA adapter for every weight.</summary>
    private static TemporaryFolder WriteAdapter()
    {
        TemporaryFolder folder = new();
        folder.Write(
            LoraConfig.FileName, Encoding.UTF8.GetBytes($$"""{"peft_type":"LORA","r":{{Rank}},"lora_alpha":1}"""));
        folder.Write("adapter_model.safetensors", SafetensorsBytes.OfTensors(
            from shard in Enumerable.Range(0, Shards)
            from tensor in Enumerable.Range(0, TensorsPerShard)
            let layer = Name(shard, tensor)[..^".weight".Length]
            from half in new[] { ("lora_A", new long[] { Rank, Side }), ("lora_B", [Side, Rank]) }
            select SafetensorsBytes.Floats($"{layer}.{half.Item1}.weight", half.Item2, new float[Rank * Side])));
        return folder;
    }

    private static string Name(int shard, int tensor) => $"layers.{shard}.{tensor}.weight";
}
