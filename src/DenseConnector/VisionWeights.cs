namespace DenseConnector;

/// <summary>Where the vision towers' weights are read from; the same for both towers of a Mini-Gemini.</summary>
/// <remarks>
/// The official loaders differ: Dense Connector's always reads the tower's own folder; Mini-Gemini's prefers the
/// checkpoint's copy of the transformer, and of the ConvNeXt only if that was trained
/// (<c>optimize_vision_tower_aux</c>). A tower that was not trained is the same in both places but for the rounding to
/// the checkpoint's number format, and one that was trained is right in the checkpoint alone; so the checkpoint comes
/// first here.
/// </remarks>
public enum VisionWeights
{
    /// <summary>From the checkpoint if it holds them, else from the tower's own folder.</summary>
    Auto,

    /// <summary>From the checkpoint.</summary>
    Checkpoint,

    /// <summary>
    /// From the tower's own folder, as Dense Connector's official loader does; it differs where the checkpoint's copy
    /// was rounded or trained further.
    /// </summary>
    Separate,
}
