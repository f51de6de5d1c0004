using DenseConnector.Configuration;

namespace DenseConnector.Cli.Evaluation.ScienceQa;

/// <summary>A picture file that the official script pads as it lies on the disk, palette and all.</summary>
internal sealed record UnconvertedPicture(string Path) : PictureFile(Path)
{
    /// <inheritdoc/>
    public override async Task<VisualInput> LoadForAsync(ModelPlan model, CancellationToken cancellation)
    {
        if (model.Config.ImageLayout != ImageLayout.Pad)
        {
            return await LoadAsync(cancellation);
        }

        ImageInput picture = await ImageInput.LoadAsync(Path, cancellationToken: cancellation);
        return picture.Width == picture.Height ? picture : ImageInput.FromBytes(LostPalette.Apply(
            await File.ReadAllBytesAsync(Path, cancellation), model.Processor.Background));
    }
}
