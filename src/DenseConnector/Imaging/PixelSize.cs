namespace DenseConnector.Imaging;

/// <summary>A size in pixels, width first as in the pinpoints of a model's configuration.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
internal readonly record struct PixelSize(int Width, int Height);
