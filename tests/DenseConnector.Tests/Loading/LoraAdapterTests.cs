using DenseConnector.Configuration;
using DenseConnector.Loading;
using static DenseConnector.Tests.Loading.SafetensorsBytes;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Loading;

public sealed class LoraAdapterTests : TensorTest
{
    private const string Layer = "base_model.model.model.layers.0.self_attn.q_proj";
    private const string Weight = "model.layers.0.self_attn.q_proj.weight";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_AdaptedWeights_EqualTheReferenceMerge(bool pickle)
    {
        string fixture = Path.Combine(TestData.Fixtures, "reference", "models", "siglip_vicuna_dci_lora");
        GoldenTensors golden = new(Path.Combine(fixture, "golden.safetensors"));
        using TemporaryFolder folder = new();
        foreach (string path in Directory.EnumerateFiles(Path.Combine(fixture, "adapter-llava-lora"))
            .Where(path => !pickle || !path.EndsWith(".safetensors", StringComparison.Ordinal)))
        {
            folder.Write(Path.GetFileName(path), File.ReadAllBytes(path));
        }

        using Checkpoint checkpoint = Checkpoint.Open(folder.Path, Path.Combine(fixture, "base"));
        string[] merged = [.. golden.Names.Where(name => name.StartsWith("merged/", StringComparison.Ordinal))];
        Assert.Equal(2, merged.Length);
        foreach (string name in merged)
        {
            float[] expected = golden.Floats(name);
            using Tensor read = checkpoint.Read(
                name["merged/".Length..], [.. golden.Shape(name).Select(length => (long)length)],
                ScalarType.Float32, CPU, CancellationToken.None);
            Assert.All(expected.Zip(read.data<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Read_AdaptedWeight_IsSummedInFloat32AndRoundedOnce(ScalarType type)
    {
        // 1 + 2 * (3 * 0.0009765625 + 1 * 0.5): the small part is lost if anything is rounded to bfloat16 before.
        using TemporaryFolder folder = WriteAdapter(
            """{"peft_type":"LORA","r":2,"lora_alpha":4}""",
            Floats($"{Layer}.lora_A.weight", [2, 1], 0.0009765625f, 0.5f),
            Floats($"{Layer}.lora_B.weight", [3, 2], 3, 1, 0, 0, 1, 0));
        using TemporaryFolder below = new();
        below.Write("model.safetensors", OfTensors([(Weight, "BF16", [3, 1], [0x80, 0x3F, 0x80, 0x3F, 0x80, 0x3F])]));

        using Checkpoint checkpoint = Checkpoint.Open(folder.Path, below.Path, MemoryMap.Always);
        using Tensor read = checkpoint.Read(Weight, [3, 1], type, CPU, CancellationToken.None);

        // Three stored bfloat16 numbers and the adapter's eight float32.
        Assert.Equal(6 + 32, checkpoint.BytesRead);
        Assert.Equal(checkpoint.BytesRead, checkpoint.BytesAsked);
        Assert.Equal(type, read.dtype);
        Tensor expected = tensor([2.005859375f, 1, 1.001953125f]).to(type);
        Assert.Equal(expected.to(float32).data<float>(), read.to(float32).flatten().data<float>());
    }

    [Fact]
    public void ThrowIfIncomplete_AdapterForOtherModel_ListsItsTensors()
    {
        using TemporaryFolder folder = WriteAdapter(
            """{"peft_type":"LORA","r":1,"lora_alpha":1}""",
            Floats($"{Layer}.lora_A.weight", [1, 1], 1),
            Floats($"{Layer}.lora_B.weight", [1, 1], 1));
        using TemporaryFolder below = WriteBase(Floats("model.norm.weight", [1], 1));
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path, below.Path);
        checkpoint.Read("model.norm.weight", [1], ScalarType.Float32, META, CancellationToken.None);

        CheckpointException error = Assert.Throws<CheckpointException>(checkpoint.ThrowIfIncomplete);

        Assert.Contains(
            "2 of the adapter for weights this model does not have: " +
            $"'{Layer}.lora_A.weight'; '{Layer}.lora_B.weight'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ThrowIfIncomplete_ProductOfAnotherShape_SaysSo()
    {
        using TemporaryFolder folder = WriteAdapter(
            """{"peft_type":"LORA","r":1,"lora_alpha":1}""",
            Floats($"{Layer}.lora_A.weight", [1, 2], 1, 2),
            Floats($"{Layer}.lora_B.weight", [1, 1], 1));
        using TemporaryFolder below = WriteBase(Floats(Weight, [1, 1], 1));
        using Checkpoint checkpoint = Checkpoint.Open(folder.Path, below.Path);
        checkpoint.Read(Weight, [1, 1], ScalarType.Float32, CPU, CancellationToken.None);

        CheckpointException error = Assert.Throws<CheckpointException>(checkpoint.ThrowIfIncomplete);

        Assert.Contains(
            $"the adapter's product for '{Weight}' has shape [1, 2], expected [1, 1]",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Open_RankOtherThanSaid_Throws() => AssertRefused(
        "expected rank 2 ('r' of adapter_config.json) as its first",
        """{"peft_type":"LORA","r":2,"lora_alpha":1}""",
        Floats($"{Layer}.lora_A.weight", [1, 2], 1, 2));

    [Fact]
    public void Open_LayerNotAmongTheTargets_Throws() => AssertRefused(
        "adapts a layer that 'target_modules' of adapter_config.json does not name",
        """{"peft_type":"LORA","r":1,"lora_alpha":1,"target_modules":["v_proj"]}""",
        Floats($"{Layer}.lora_A.weight", [1, 2], 1, 2));

    [Fact]
    public void Open_HalfAPair_Throws() => AssertRefused(
        "has no partner",
        """{"peft_type":"LORA","r":1,"lora_alpha":1}""",
        Floats($"{Layer}.lora_B.weight", [2, 1], 1, 2));

    [Theory]
    [InlineData("lora_magnitude_vector")]
    [InlineData("lora_embedding_A")]
    [InlineData("weight")]
    public void Open_OtherTensors_Throws(string name) => AssertRefused(
        "no other adapters are read",
        """{"peft_type":"LORA","r":1,"lora_alpha":1}""",
        Floats($"{Layer}.{name}", [1, 1], 1));

    [Fact]
    public void Open_SameLayerTwice_Throws() => AssertRefused(
        "adapts a layer that another tensor adapts already",
        """{"peft_type":"LORA","r":1,"lora_alpha":1}""",
        Floats("base_model.model.model.x.lora_A.weight", [1, 1], 1),
        Floats("base_model.model.language_model.model.x.lora_A.weight", [1, 1], 1));

    [Fact]
    public void Open_NoTensors_SaysWhichFileIsMissing()
    {
        using TemporaryFolder folder = new();
        folder.Write(LoraConfig.FileName, """{"peft_type":"LORA","r":1,"lora_alpha":1}"""u8);

        CheckpointException error = Assert.Throws<CheckpointException>(() => LoraAdapter.Open(folder.Path));

        Assert.Contains(
            "neither adapter_model.safetensors nor adapter_model.bin", error.Message, StringComparison.Ordinal);
    }

    private static void AssertRefused(
        string problem,
        string config,
        params (string Name, string Type, IReadOnlyList<long> Shape, byte[] Data)[] tensors)
    {
        using TemporaryFolder folder = WriteAdapter(config, tensors);

        CheckpointException error = Assert.Throws<CheckpointException>(() => LoraAdapter.Open(folder.Path));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.False(folder.HasOpenFiles());
    }

    private static TemporaryFolder WriteAdapter(
        string config, params (string Name, string Type, IReadOnlyList<long> Shape, byte[] Data)[] tensors)
    {
        TemporaryFolder folder = new();
        folder.Write(LoraConfig.FileName, System.Text.Encoding.UTF8.GetBytes(config));
        folder.Write("adapter_model.safetensors", OfTensors(tensors));
        return folder;
    }

    private static TemporaryFolder WriteBase(
        params (string Name, string Type, IReadOnlyList<long> Shape, byte[] Data)[] tensors)
    {
        TemporaryFolder folder = new();
        folder.Write("model.safetensors", OfTensors(tensors));
        return folder;
    }
}
