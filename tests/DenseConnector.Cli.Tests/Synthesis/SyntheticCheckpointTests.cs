using DenseConnector.Cli.Synthesis;
using DenseConnector.Loading;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Synthesis;

public sealed class SyntheticCheckpointTests
{
    [Theory]
    [InlineData(nameof(TensorType.BF16))]
    [InlineData(nameof(TensorType.F32))]
    public async Task Write_ConfigurationOfTheTinyModel_LoadsFromShardsAndAnswers(string type)
    {
        using TemporaryFolder folder = new();
        CopyConfiguration(folder.Path);
        ModelPlan plan = ModelPlan.Read(new ModelFolder("tiny", folder.Path, null), new ModelOptions());
        List<long> progress = [];
        SyntheticCheckpoint checkpoint = new(
            folder.Path, Enum.Parse<TensorType>(type), 1_000_000, 0, (written, _) => progress.Add(written));

        long weights = checkpoint.Write(plan, Nothing, CancellationToken.None);

        Assert.True(Directory.GetFiles(folder.Path, "model-*.safetensors").Length > 1);
        Assert.Equal(progress.Order(), progress);
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(folder.Path);
        Assert.Equal(weights, model.Info.Parameters);
        Assert.Equal(type == "F32" ? Precision.Float32 : Precision.BFloat16, model.Info.Precision);
        GenerationResult answer = await model.GenerateAsync(
            new Prompt(ToolRun.Question, await ImageInput.LoadAsync(ToolRun.Picture)),
            new GenerationOptions { MaxNewTokens = 5 });
        Assert.InRange(answer.Usage.GeneratedTokens, 1, 5);
        Assert.NotEmpty(answer.Text);
    }

    [Fact]
    public void Write_Cancelled_LeavesNoPartOfAFile()
    {
        using TemporaryFolder folder = new();
        CopyConfiguration(folder.Path);
        ModelPlan plan = ModelPlan.Read(new ModelFolder("tiny", folder.Path, null), new ModelOptions());
        using CancellationTokenSource stop = new();
        SyntheticCheckpoint checkpoint = new(folder.Path, TensorType.BF16, 1 << 30, 0, (_, _) => stop.Cancel());

        Assert.Throws<OperationCanceledException>(() => checkpoint.Write(plan, Nothing, stop.Token));

        Assert.Empty(Directory.GetFiles(folder.Path, "*.safetensors*", SearchOption.AllDirectories));
    }

    private static Dictionary<string, IReadOnlyList<long>> Nothing => [];

    private static void CopyConfiguration(string folder)
    {
        foreach (string file in Directory.GetFiles(ToolRun.TinyModel, "*config*.json", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(ToolRun.TinyModel, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
