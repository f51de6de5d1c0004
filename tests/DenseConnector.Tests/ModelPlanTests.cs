using DenseConnector.Configuration;
using DenseConnector.Imaging;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Tests;

public sealed class ModelPlanTests : IDisposable
{
    private readonly ModelCopy _model = new();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Read_TinyModel_KnowsItsParts()
    {
        ModelPlan plan = _model.ReadPlan();

        Assert.Equal(_model.PathOf("vision_tower"), plan.TowerFolder);
        Assert.Equal("clip_vision_model", plan.Vision.ModelType);
        Assert.Equal(23, plan.LastState);
        Assert.Equal(ImageLayout.Pad, plan.Config.ImageLayout);
        Assert.Equal(new PixelSize(112, 112), plan.Processor.Output);
    }

    [Theory]
    [InlineData(Quantization.None, Quantization.Int8, Quantization.Int8, MemoryMap.Never)]
    [InlineData(Quantization.None, Quantization.None, Quantization.None, MemoryMap.Always)]
    [InlineData(Quantization.Int4, Quantization.None, Quantization.Int4, MemoryMap.Always)]
    [InlineData(Quantization.Int4, Quantization.Int4, Quantization.Int4, MemoryMap.Always)]
    public void KeptIn_StoredAndAskedFormat_AgreeAndDecideWhetherToMap(
        Quantization stored, Quantization asked, Quantization kept, MemoryMap mapping)
    {
        ModelPlan plan = _model.ReadPlan();
        plan = plan with { Config = plan.Config with { Quantization = stored } };

        Assert.Equal(kept, plan.KeptIn(asked));
        Assert.Equal(
            mapping, plan.Mapping(new ModelOptions { Quantization = asked, MemoryMap = MemoryMap.Always }));
    }

    [Fact]
    public void KeptIn_AnotherFormatThanTheStoredOne_IsRefused()
    {
        ModelPlan plan = _model.ReadPlan();
        plan = plan with { Config = plan.Config with { Quantization = Quantization.Int8 } };

        ArgumentException error = Assert.Throws<ArgumentException>(() => plan.KeptIn(Quantization.Int4));

        Assert.Contains("is Int4, but the checkpoint is stored in Int8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FolderWithTrailingSeparator_FindsTheTowerInside()
    {
        string path = _model.Path + Path.DirectorySeparatorChar;

        ModelPlan plan = ModelPlan.Read(new ModelFolder(path, path, null), new ModelOptions());

        Assert.Equal(_model.PathOf("vision_tower"), plan.TowerFolder);
    }

    [Theory]
    [InlineData("../{0}-outside")]
    [InlineData("vision_tower/../../{0}-outside")]
    [InlineData("{1}-outside")]
    [InlineData("/etc")]
    [InlineData("../{0}")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("openai/clip-vit-large-patch14-336")]
    [InlineData("vision\0_tower")]
    public void Read_TowerNotInsideTheCheckpoint_IsRefusedWithARemedy(string tower)
    {
        // Beside the checkpoint, its name starting like the checkpoint's own.
        string outside = _model.Path + "-outside";
        Directory.CreateDirectory(outside);
        try
        {
            string named = tower.Replace("{0}", Path.GetFileName(_model.Path), StringComparison.Ordinal)
                .Replace("{1}", _model.Path, StringComparison.Ordinal);
            _model.Set("mm_vision_tower", named);

            ModelConfigException error = Assert.Throws<ModelConfigException>(() => _model.ReadPlan());

            Assert.Equal("mm_vision_tower", error.Path);
            Assert.Contains($"'{named}', no folder inside", error.Message, StringComparison.Ordinal);
            Assert.Contains("--vision-tower", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(outside);
        }
    }

    [Fact]
    public void Read_TowerOption_MayLieAnywhere()
    {
        using ModelCopy other = new();
        _model.Set("mm_vision_tower", "openai/clip-vit-large-patch14-336");

        ModelPlan plan = _model.ReadPlan(new ModelOptions { VisionTower = other.PathOf("vision_tower") });

        Assert.Equal(other.PathOf("vision_tower"), plan.TowerFolder);
    }

    [Fact]
    public void Read_TowerOptionThatIsNoFolder_NamesIt()
    {
        CheckpointException error = Assert.Throws<CheckpointException>(
            () => _model.ReadPlan(new ModelOptions { VisionTower = "no-such-tower" }));

        Assert.Equal("no-such-tower", error.File);
        Assert.Contains("VisionTower", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.json", "mm_projector_type", "ldp", "'linear', 'mlp{n}x_gelu' and 'identity'")]
    [InlineData("config.json", "mm_projector_type", "mlp0x_gelu", "'linear', 'mlp{n}x_gelu' and 'identity'")]
    [InlineData("config.json", "mm_dense_connector_type", "dense", "'sti', 'sci', 'dci', 'none'")]
    [InlineData("vision_tower/config.json", "model_type", "dinov2", "'clip', 'clip_vision_model'")]
    [InlineData("vision_tower/config.json", "hidden_act", "relu", "'quick_gelu', 'gelu', 'gelu_new' and " +
        "'gelu_pytorch_tanh'")]
    public void Read_UnsupportedName_NamesFileKeyAndSupportedOnes(
        string file, string key, string value, string supported)
    {
        _model.Set(key, value, file);

        ModelConfigException error = Assert.Throws<ModelConfigException>(() => _model.ReadPlan());

        Assert.Equal(_model.PathOf(file), error.File);
        Assert.Equal(key, error.Path);
        Assert.Contains($"'{key}' is '{value}', supported are {supported}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_UnsupportedActivationOfAWholeClip_NamesTheWholeKey()
    {
        _model.WrapTower("hidden_act", "relu");

        ModelConfigException error = Assert.Throws<ModelConfigException>(() => _model.ReadPlan());

        Assert.Equal("vision_config.hidden_act", error.Path);
        Assert.Contains("'vision_config.hidden_act' is 'relu', supported", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 24)]
    [InlineData(-2, 23)]
    [InlineData(-25, 0)]
    [InlineData(0, 0)]
    [InlineData(24, 24)]
    public void Read_SelectLayer_CountsFromEitherEnd(int select, int state) =>
        Assert.Equal(state, _model.Set("mm_vision_select_layer", select).ReadPlan().LastState);

    [Theory]
    [InlineData(25)]
    [InlineData(-26)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void Read_SelectLayerBeyondTheTower_NamesBoth(int select)
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => _model.Set("mm_vision_select_layer", select).ReadPlan());

        Assert.Contains(
            $"'mm_vision_select_layer' is {select}, but the vision tower has 24 layers",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ProcessorOfAnotherSize_NamesBothSizes()
    {
        _model.Set("crop_size", 224, "vision_tower/preprocessor_config.json");

        ModelConfigException error = Assert.Throws<ModelConfigException>(() => _model.ReadPlan());

        Assert.Contains("224x224", error.Message, StringComparison.Ordinal);
        Assert.Contains("112x112", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TowerWithoutProcessor_TakesTheCheckpoints()
    {
        File.Delete(_model.PathOf("vision_tower/preprocessor_config.json"));

        Assert.Equal(new PixelSize(112, 112), _model.ReadPlan().Processor.Output);
    }

    [Fact]
    public void Read_NoConfig_NamesTheFile()
    {
        using TemporaryFolder empty = new();

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => ModelPlan.Read(new ModelFolder("m", empty.Path, null), new ModelOptions()));

        Assert.Equal(Path.Combine(empty.Path, ConfigReader.FileName), error.File);
    }
}
