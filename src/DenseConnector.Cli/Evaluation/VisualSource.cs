using DenseConnector.Configuration;

namespace DenseConnector.Cli.Evaluation;

/// <summary>Where what a question is about comes from; it is read when its turn comes.</summary>
internal abstract record VisualSource
{
    /// <summary>Reads it.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidImageException">It is damaged.</exception>
    public abstract Task<VisualInput> LoadAsync(CancellationToken cancellation);
}

/// <summary>A picture.</summary>
internal abstract record PictureSource : VisualSource
{
    /// <summary>Reads the picture as a script shows it to a model that pads it as it is encoded.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidImageException">It is damaged.</exception>
    public async Task<VisualInput> LoadUnconvertedAsync(ModelPlan model, CancellationToken cancellation)
    {
        VisualInput visual = await LoadAsync(cancellation);
        bool isPadded = model.Config.ImageLayout == ImageLayout.Pad &&
            visual is ImageInput picture && picture.Width != picture.Height;
        return isPadded
            ? ImageInput.FromBytes(LostPalette.Apply(await ReadAsync(cancellation), model.Processor.Background))
            : visual;
    }

    /// <summary>Reads the bytes of its file.</summary>
    protected abstract Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation);
}

/// <summary>A picture file.</summary>
internal sealed record PictureFile(string Path) : PictureSource
{
    /// <inheritdoc/>
    public override async Task<VisualInput> LoadAsync(CancellationToken cancellation) =>
        await ImageInput.LoadAsync(Path, cancellationToken: cancellation);

    /// <inheritdoc/>
    protected override async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation) =>
        await File.ReadAllBytesAsync(Path, cancellation);
}

/// <summary>A picture that the question file holds.</summary>
/// <param name="Read">Decodes its bytes.</param>
internal sealed record PictureBytes(Func<ReadOnlyMemory<byte>> Read) : PictureSource
{
    /// <inheritdoc/>
    public override async Task<VisualInput> LoadAsync(CancellationToken cancellation) =>
        ImageInput.FromBytes(await ReadAsync(cancellation));

    /// <inheritdoc/>
    protected override Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation) =>
        Task.Run(Read, cancellation);
}
