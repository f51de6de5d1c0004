using System.Text.Json;

namespace DenseConnector.Tests;

public sealed class VideoInputTests
{
    private static readonly ImageInput Black = ImageInput.FromPixels(1, 1, [0, 0, 0]);

    public static TheoryData<string> Folders => [.. TestData.ReferenceFolders];

    [Theory]
    [MemberData(nameof(Folders))]
    [Trait("Suite", "Prompts")]
    public void SampleFrames_EveryRecordedVideo_EqualsTheReference(string folder)
    {
        JsonElement golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "prompts.json"))).RootElement;
        foreach (JsonElement video in golden.GetProperty("video_frame_indices").EnumerateArray())
        {
            Assert.Equal(
                video.GetProperty("indices").EnumerateArray().Select(index => index.GetInt32()),
                VideoInput.SampleFrames(
                    video.GetProperty("total_frames").GetInt32(), video.GetProperty("desired").GetInt32()));
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void SampleFrames_NoFrames_Throws(int total, int wanted) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => VideoInput.SampleFrames(total, wanted));

    [Fact]
    public void Frames_None_Throws()
    {
        Assert.Throws<ArgumentException>(() => new VideoInput([]));
        Assert.Throws<ArgumentException>(() => new VideoInput([Black]) with { Frames = [] });
        Assert.Throws<ArgumentException>(() => new VideoInput([null!]));
    }

    [Fact]
    public void Pool_ByDefault_IsAsInTheEvaluationScripts() => Assert.True(new VideoInput([Black]).Pool);
}
