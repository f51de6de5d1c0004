namespace DenseConnector.Loading;

/// <summary>In which file of a checkpoint a tensor lies, and where in it.</summary>
/// <param name="File">The file, open as long as its <see cref="CheckpointFiles"/> is.</param>
/// <param name="Entry">The tensor's entry in that file.</param>
internal readonly record struct TensorLocation(TensorFile File, TensorEntry Entry);
