using DenseConnector.Cli.Evaluation.Running;

namespace DenseConnector.Cli.Tests.Evaluation.Running;

public sealed class ModelIdTests
{
    [Theory]
    [InlineData("dense-connector-tiny", "dense-connector-tiny")]
    [InlineData("owner/Name-7B", "Name-7B")]
    [InlineData("/data/models/Name-7B/", "Name-7B")]
    [InlineData(@"C:\models\Name-7B", "Name-7B")]
    [InlineData("runs/first/checkpoint-500", "first_checkpoint-500")]
    [InlineData("checkpoint-500", "checkpoint-500")]
    public void Of_PathOrRepository_IsTheOfficialName(string model, string expected) =>
        Assert.Equal(expected, ModelId.Of(model));
}
