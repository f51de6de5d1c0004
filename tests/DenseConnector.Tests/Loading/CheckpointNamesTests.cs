using DenseConnector.Loading;

namespace DenseConnector.Tests.Loading;

public sealed class CheckpointNamesTests
{
    [Theory]
    [InlineData("language_model.model.layers.3.mlp.up_proj.weight", "model.layers.3.mlp.up_proj.weight")]
    [InlineData("language_model.lm_head.weight", "lm_head.weight")]
    [InlineData("multi_modal_projector.linear_1.weight", "model.mm_projector.0.weight")]
    [InlineData("multi_modal_projector.linear_2.bias", "model.mm_projector.2.bias")]
    [InlineData(
        "vision_tower.vision_model.pre_layrnorm.bias",
        "model.vision_tower.vision_tower.vision_model.pre_layrnorm.bias")]
    [InlineData("model.language_model.embed_tokens.weight", "model.embed_tokens.weight")]
    [InlineData("model.multi_modal_projector.linear_1.bias", "model.mm_projector.0.bias")]
    [InlineData("model.multi_modal_projector.linear_2.weight", "model.mm_projector.2.weight")]
    [InlineData(
        "model.vision_tower.vision_model.embeddings.class_embedding",
        "model.vision_tower.vision_tower.vision_model.embeddings.class_embedding")]
    [InlineData("base_model.model.model.mm_projector.0.weight", "model.mm_projector.0.weight")]
    [InlineData("base_model.model.language_model.model.norm.weight", "model.norm.weight")]
    public void Canonical_OtherLayout_GivesTheOfficialName(string theirs, string ours) =>
        Assert.Equal(ours, CheckpointNames.Canonical(theirs));

    [Fact]
    public void Canonical_OfficialName_StaysAsItIs()
    {
        string[] names = [.. TestData.ReferenceFolders
            .SelectMany(root => Directory.EnumerateFiles(root, "model*.safetensors", SearchOption.AllDirectories))
            .SelectMany(path => new GoldenTensors(path).Names)
            .Distinct()];

        Assert.True(names.Length > 500);
        Assert.All(names, name => Assert.Equal(name, CheckpointNames.Canonical(name)));
    }
}
