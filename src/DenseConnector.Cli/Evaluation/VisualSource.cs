namespace DenseConnector.Cli.Evaluation;

/// <summary>Where a question's picture comes from; it is read when its turn comes.</summary>
internal abstract record VisualSource
{
    /// <summary>Reads the picture.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidImageException">It is damaged.</exception>
    public abstract Task<VisualInput> LoadAsync(CancellationToken cancellation);

    /// <summary>Reads the picture as the official script shows it to a model, where models differ in that.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidImageException">It is damaged.</exception>
    public virtual Task<VisualInput> LoadForAsync(ModelPlan model, CancellationToken cancellation) =>
        LoadAsync(cancellation);
}

/// <summary>A picture file.</summary>
internal record PictureFile(string Path) : VisualSource
{
    /// <inheritdoc/>
    public override async Task<VisualInput> LoadAsync(CancellationToken cancellation) =>
        await ImageInput.LoadAsync(Path, cancellationToken: cancellation);
}

/// <summary>A picture that the question file holds.</summary>
/// <param name="Read">Decodes its bytes.</param>
internal sealed record PictureBytes(Func<ReadOnlyMemory<byte>> Read) : VisualSource
{
    /// <inheritdoc/>
    public override Task<VisualInput> LoadAsync(CancellationToken cancellation) =>
        Task.Run<VisualInput>(() => ImageInput.FromBytes(Read()), cancellation);
}
