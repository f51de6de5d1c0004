namespace DenseConnector.Connectors;

/// <summary>
/// Which hidden states of a vision encoder the connectors use, as the official <c>dense_connector.py</c> has them.
/// </summary>
/// <param name="Sparse">The two single states of Sparse Token and Sparse Channel Integration, low before high.</param>
/// <param name="Dense">The two groups of Dense Channel Integration, low before high.</param>
public sealed record EncoderLayers(IReadOnlyList<LayerRange> Sparse, IReadOnlyList<LayerRange> Dense)
{
    /// <summary>CLIP ViT-L/14 with 24 layers: states 7 and 15; groups 0–11 and 12–23.</summary>
    public static EncoderLayers Clip { get; } = new([new(7, 7), new(15, 15)], [new(0, 11), new(12, 23)]);

    /// <summary>
    /// SigLIP so400m/14 with 27 layers, of which 26 are used: states 7 and 15; groups 0–12 and 13–25.
    /// </summary>
    public static EncoderLayers Siglip { get; } = new([new(7, 7), new(15, 15)], [new(0, 12), new(13, 25)]);
}
