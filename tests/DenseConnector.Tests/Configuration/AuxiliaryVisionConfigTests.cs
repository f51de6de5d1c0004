using System.Text;
using DenseConnector.Configuration;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Tests.Configuration;

public sealed class AuxiliaryVisionConfigTests
{
    private const string Tower = "\"mm_vision_tower_aux\": \"zoo/convnext\"";

    [Fact]
    public void Read_WithoutATower_GivesNull() =>
        Assert.Null(AuxiliaryVisionConfig.Read(Json("{\"image_size_aux\": 768, \"image_grid\": 2}")));

    [Fact]
    public void Read_AllKeys_AreTaken()
    {
        AuxiliaryVisionConfig config = AuxiliaryVisionConfig.Read(Json(
            $"{{{Tower}, \"image_size_aux\": 768, \"mm_hidden_size_aux\": 2880, \"image_grid\": 1, " +
            "\"image_global\": false}"))!;

        Assert.Equal("zoo/convnext", config.Tower);
        Assert.Equal(768, config.ImageSize);
        Assert.Equal(2880, config.Width);
    }

    [Fact]
    public void Read_SizeAndWidthAbsent_TakesTheOfficialDefault()
    {
        AuxiliaryVisionConfig config = AuxiliaryVisionConfig.Read(Json($"{{{Tower}}}"))!;

        Assert.Equal(320, config.ImageSize);
        Assert.Null(config.Width);
    }

    [Theory]
    [InlineData("\"image_grid\": 2", "image_grid")]
    [InlineData("\"image_grid\": 0", "image_grid")]
    [InlineData("\"image_global\": true", "image_global")]
    [InlineData("\"image_size_aux\": 4097", "image_size_aux")]
    [InlineData("\"image_size_aux\": \"768\"", "image_size_aux")]
    [InlineData("\"mm_hidden_size_aux\": -1", "mm_hidden_size_aux")]
    public void Read_WhatIsNotSupported_Throws(string setting, string path)
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => AuxiliaryVisionConfig.Read(Json($"{{{Tower}, {setting}}}")));

        Assert.Equal(path, error.Path);
    }

    [Theory]
    [InlineData("convnext_base", true)]
    [InlineData("convnext_large", true)]
    [InlineData("convnext_xxlarge", false)]
    [InlineData("vit_medium_patch16_gap_256", false)]
    public void RequireConvNext_Name_DecidesWhetherItIsRead(string name, bool accepted)
    {
        using TemporaryFolder folder = new();
        folder.Write(
            AuxiliaryVisionConfig.TowerFile,
            Encoding.UTF8.GetBytes($"{{\"model_cfg\": {{\"vision_cfg\": {{\"timm_model_name\": \"{name}\"}}}}}}"));

        Exception? error = Record.Exception(() => AuxiliaryVisionConfig.RequireConvNext(folder.Path));

        Assert.Equal(
            accepted ? null : "model_cfg.vision_cfg.timm_model_name", (error as ModelConfigException)?.Path);
    }

    [Fact]
    public void RequireConvNext_NoDescription_Throws()
    {
        using TemporaryFolder folder = new();

        Assert.Throws<ModelConfigException>(() => AuxiliaryVisionConfig.RequireConvNext(folder.Path));
        folder.Write(AuxiliaryVisionConfig.TowerFile, "{}"u8);
        Assert.Throws<ModelConfigException>(() => AuxiliaryVisionConfig.RequireConvNext(folder.Path));
    }

    private static ConfigJson Json(string text) => ConfigJson.Parse("config.json", Encoding.UTF8.GetBytes(text));
}
