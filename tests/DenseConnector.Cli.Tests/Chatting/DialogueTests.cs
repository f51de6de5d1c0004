using DenseConnector.Cli.Chatting;

namespace DenseConnector.Cli.Tests.Chatting;

public sealed class DialogueTests : IAsyncLifetime
{
    private DenseConnectorModel _model = null!;

    public async Task InitializeAsync() => _model = await DenseConnectorModel.LoadAsync(ToolRun.TinyModel);

    public async Task DisposeAsync() => await _model.DisposeAsync();

    [Fact]
    public async Task AskAsync_NextTurn_ReadsOnlyWhatIsNew()
    {
        Dialogue dialogue = await ShowAsync();
        GenerationResult first = await AskAsync(dialogue, ToolRun.Question);

        GenerationResult second = await AskAsync(dialogue, "Describe what you see.");

        Assert.Equal(ToolRun.Answer, first.Text);
        Assert.True(second.Usage.PromptTokens > first.Usage.PromptTokens);
        Assert.InRange(second.Usage.CachedTokens, first.Usage.PromptTokens, second.Usage.PromptTokens - 1);
    }

    [Fact]
    public async Task AskAsync_LeftBeforeAnyAnswer_WasNeverAsked()
    {
        Dialogue dialogue = await ShowAsync();
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await DenseConnectorModel.CollectAsync(
                dialogue.AskAsync("Describe what you see.", cancelled.Token)));

        GenerationResult result = await AskAsync(dialogue, ToolRun.Question);

        Assert.Equal(112, result.Usage.PromptTokens);
        Assert.Equal(ToolRun.Answer, result.Text);
    }

    [Fact]
    public async Task Reset_AfterATurn_ForgetsPicturesAndTurns()
    {
        Dialogue dialogue = await ShowAsync();
        await AskAsync(dialogue, ToolRun.Question);
        dialogue.Show(await ImageInput.LoadAsync(ToolRun.Picture));

        dialogue.Reset();

        Assert.InRange((await AskAsync(dialogue, ToolRun.Question)).Usage.PromptTokens, 1, 111 - 64);
    }

    [Fact]
    public async Task AskAsync_System_TakesThePlaceOfTheTemplates()
    {
        GenerationResult plain = await AskAsync(new Dialogue(_model, null, new GenerationOptions()), "Hello.");

        GenerationResult told = await AskAsync(new Dialogue(_model, "Be brief.", new GenerationOptions()), "Hello.");

        Assert.NotEqual(plain.Usage.PromptTokens, told.Usage.PromptTokens);
    }

    private async Task<Dialogue> ShowAsync()
    {
        Dialogue dialogue = new(_model, null, new GenerationOptions());
        dialogue.Show(await ImageInput.LoadAsync(ToolRun.Picture));
        return dialogue;
    }

    private static Task<GenerationResult> AskAsync(Dialogue dialogue, string question) =>
        DenseConnectorModel.CollectAsync(dialogue.AskAsync(question, CancellationToken.None));
}
