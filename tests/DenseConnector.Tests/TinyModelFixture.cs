namespace DenseConnector.Tests;

/// <summary>The bundled model, loaded once for a test class, and a picture it knows the answer to.</summary>
public class TinyModelFixture : IAsyncLifetime
{
    public const string Question = "Which shapes are in the image?";

    public const string Answer = "The image shows a green star and a pink circle.";

    public DenseConnectorModel Model { get; private set; } = null!;

    public ImageInput Image { get; private set; } = null!;

    protected virtual ModelOptions Options => new();

    public Prompt Prompt => new(Question, Image);

    public async Task InitializeAsync()
    {
        Model = await DenseConnectorModel.LoadAsync(TestData.TinyModel, Options);
        Image = await ImageInput.LoadAsync(Path.Combine(TestData.Fixtures, "tiny-eval", "images", "ex_001.png"));
    }

    public async Task DisposeAsync() => await Model.DisposeAsync();
}
