using System.Text;
using DenseConnector.Imaging;
using DenseConnector.Tests.Loading;
using DenseConnector.Tests.Reference;

namespace DenseConnector.Tests;

public sealed class AuxiliaryPlanTests
{
    [Fact]
    public void Read_MiniGemini_PreparesTheLargePicture()
    {
        ModelPlan plan = MiniGeminiFixtures.Plain.Plan;

        Assert.Equal(768, plan.Auxiliary!.Config.ImageSize);
        Assert.Equal(new PixelSize(768, 768), plan.Processor.Output);
        Assert.Equal(768, plan.Processor.ShortestEdge);
        Assert.Equal(336, plan.Vision.ImageSize);
    }

    [Fact]
    public void Read_TowerNotOnThisMachine_LeavesItOpen() =>
        Assert.Null(Read(MiniGeminiFixtures.Plain, tower: null).Auxiliary!.TowerFolder);

    [Fact]
    public void Read_TowerInsideTheCheckpoint_IsFoundByItsName()
    {
        ReferenceFixture fixture = MiniGeminiFixtures.Plain;
        using TemporaryFolder folder = new();
        WriteConfig(fixture, folder, text => text);
        string tower = Path.Combine(folder.Path, "model_zoo", "OpenAI", Path.GetFileName(fixture.AuxiliaryTower!));
        Directory.CreateDirectory(tower);
        File.Copy(
            Path.Combine(fixture.AuxiliaryTower!, "open_clip_config.json"),
            Path.Combine(tower, "open_clip_config.json"));

        Assert.Equal(tower, Read(fixture, tower: null, folder.Path).Auxiliary!.TowerFolder);
    }

    [Fact]
    public void Read_TowerOutsideTheCheckpoint_IsNotFollowed()
    {
        ReferenceFixture fixture = MiniGeminiFixtures.Plain;
        using TemporaryFolder folder = new();
        WriteConfig(fixture, folder, text => text.Replace(
            $"model_zoo/OpenAI/{Path.GetFileName(fixture.AuxiliaryTower)}",
            fixture.AuxiliaryTower!.Replace('\\', '/'),
            StringComparison.Ordinal));

        Assert.Null(Read(fixture, tower: null, folder.Path).Auxiliary!.TowerFolder);
    }

    [Fact]
    public void Read_TowerFolderAbsent_Throws() => Assert.Contains(
        "AuxiliaryVisionTower",
        Assert.Throws<CheckpointException>(() => Read(MiniGeminiFixtures.Plain, "/no/such/folder")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Read_TowerOfAnotherKind_Throws() =>
        Assert.Throws<ModelConfigException>(
            () => Read(MiniGeminiFixtures.Plain, MiniGeminiFixtures.Plain.Tower));

    [Fact]
    public void Read_SizeThatDoesNotFitThePatches_Throws()
    {
        using TemporaryFolder folder = new();
        WriteConfig(MiniGeminiFixtures.Plain, folder, text => text.Replace(
            "\"image_size_aux\": 768", "\"image_size_aux\": 720", StringComparison.Ordinal));

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => Read(MiniGeminiFixtures.Plain, tower: null, folder.Path));

        Assert.Equal("image_size_aux", error.Path);
        Assert.Contains("multiples of 96", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnyRes_Throws()
    {
        using TemporaryFolder folder = new();
        WriteConfig(MiniGeminiFixtures.Plain, folder, text => text.Replace(
            "\"image_aspect_ratio\": \"pad\"",
            "\"image_aspect_ratio\": \"anyres\", \"image_grid_pinpoints\": [[336, 672]]",
            StringComparison.Ordinal));

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => Read(MiniGeminiFixtures.Plain, tower: null, folder.Path));

        Assert.Equal("image_aspect_ratio", error.Path);
    }

    [Fact]
    public void Read_TowerForAModelWithoutOne_Throws()
    {
        ModelOptions options = new() { AuxiliaryVisionTower = MiniGeminiFixtures.Plain.AuxiliaryTower };

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => ModelPlan.Read(ModelFolder.Find(TestData.TinyModel), options));

        Assert.Equal("mm_vision_tower_aux", error.Path);
    }

    private static ModelPlan Read(ReferenceFixture fixture, string? tower, string? checkpoint = null) =>
        ModelPlan.Read(
            ModelFolder.Find(checkpoint ?? fixture.Checkpoint),
            new ModelOptions { VisionTower = fixture.Tower, AuxiliaryVisionTower = tower });

    private static void WriteConfig(ReferenceFixture fixture, TemporaryFolder folder, Func<string, string> change)
    {
        string before = File.ReadAllText(Path.Combine(fixture.Checkpoint, "config.json"));
        folder.Write("config.json", Encoding.UTF8.GetBytes(change(before)));
    }
}
