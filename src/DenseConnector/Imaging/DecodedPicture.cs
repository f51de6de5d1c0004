namespace DenseConnector.Imaging;

/// <summary>A decoded picture: what <see cref="ImageDecoder"/> hands to <see cref="ImageInput"/>.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Rgb"><c>[height, width, 3]</c>, red first; owned by the receiver.</param>
internal readonly record struct DecodedPicture(int Width, int Height, byte[] Rgb);
