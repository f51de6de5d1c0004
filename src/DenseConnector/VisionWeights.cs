namespace DenseConnector;

/// <summary>Where the vision tower's weights are read from.</summary>
public enum VisionWeights
{
    /// <summary>From the checkpoint if it holds them, else from the tower's own folder.</summary>
    Auto,

    /// <summary>From the checkpoint.</summary>
    Checkpoint,

    /// <summary>
    /// From the tower's own folder, as the official loader always does; it differs where the checkpoint's copy was
    /// rounded or trained further.
    /// </summary>
    Separate,
}
