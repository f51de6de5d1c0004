using DenseConnector.Hub;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Tests.Hub;

public sealed class HubSelectionTests
{
    [Theory]
    [InlineData("model.safetensors pytorch_model.bin tf_model.h5 flax_model.msgpack", "model.safetensors")]
    [InlineData(
        "model-00001-of-00002.safetensors model-00002-of-00002.safetensors pytorch_model-00001-of-00001.bin",
        "model-00001-of-00002.safetensors model-00002-of-00002.safetensors")]
    [InlineData(
        "pytorch_model-00001-of-00002.bin pytorch_model-00002-of-00002.bin",
        "pytorch_model-00001-of-00002.bin pytorch_model-00002-of-00002.bin")]
    [InlineData("pytorch_model.bin mm_projector.bin", "pytorch_model.bin mm_projector.bin")]
    [InlineData(
        "adapter_model.bin adapter_model.safetensors non_lora_trainables.bin",
        "adapter_model.safetensors non_lora_trainables.bin")]
    [InlineData("adapter_model.bin", "adapter_model.bin")]
    [InlineData(
        "optimizer.pt global_step1/zero_pp_rank_0.pt rng_state.pth training_args.bin model.onnx onnx/model.onnx " +
        "model.gguf original/consolidated.00.pth consolidated.safetensors checkpoint-1/model.safetensors",
        "")]
    public void WeightsOf_Files_OneFormAndNothingElse(string files, string expected) => Assert.Equal(
        expected.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        HubSelection.Model.WeightsOf(files.Split(' ')));

    [Fact]
    public void WeightsOf_Folder_ThatFolderOnly() => Assert.Equal(
        ["vision_tower/model.safetensors"],
        HubSelection.Model.WeightsOf(["model.safetensors", "vision_tower/model.safetensors"], "vision_tower/"));

    [Fact]
    public void WeightsOf_TowerWithoutWeights_None() =>
        Assert.Empty(HubSelection.Tower(weights: false).WeightsOf(["model.safetensors"]));

    [Fact]
    public void IsUsable_ShardMissing_False()
    {
        using TemporaryFolder folder = new();
        folder.Write("config.json", "{}"u8);
        folder.Write("model.safetensors.index.json", """{"weight_map":{"a":"one","b":"two"}}"""u8);
        folder.Write("one", []);
        Assert.False(HubSelection.Model.IsUsable(folder.Path));
        folder.Write("two", []);
        Assert.True(HubSelection.Model.IsUsable(folder.Path));
    }

    [Fact]
    public void IsUsable_LinkToNowhere_False()
    {
        using TemporaryFolder folder = new();
        folder.Write("config.json", "{}"u8);
        File.CreateSymbolicLink(Path.Combine(folder.Path, "model.safetensors"), "gone");
        Assert.False(HubSelection.Model.IsUsable(folder.Path));
    }
}
