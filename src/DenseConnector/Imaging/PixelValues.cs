namespace DenseConnector.Imaging;

/// <summary>What a vision encoder reads: normalised pixels of one or more tiles of one picture.</summary>
/// <param name="Values"><c>[tiles, 3, height, width]</c>; owned by the receiver.</param>
/// <param name="Tiles">Number of tiles: 1, or for AnyRes the whole picture first and then its parts.</param>
/// <param name="Height">Height of a tile in pixels.</param>
/// <param name="Width">Width of a tile in pixels.</param>
internal sealed record PixelValues(float[] Values, int Tiles, int Height, int Width);
