namespace DenseConnector.Generation;

/// <summary>
/// What stands at one position of a text; where all positions up to one are equal, so are keys and values there.
/// </summary>
/// <param name="Picture">
/// The hash of the picture or video a visual token belongs to; <c>null</c> for a text token.
/// </param>
/// <param name="Value">The token's id, or the visual token's index within its slot.</param>
internal readonly record struct PositionKey(string? Picture, int Value);
