namespace DenseConnector;

/// <summary>How far a load has come.</summary>
/// <param name="BytesRead">Bytes of weights read so far.</param>
/// <param name="TotalBytes">Bytes of weights the model needs.</param>
public sealed record LoadProgress(long BytesRead, long TotalBytes);
