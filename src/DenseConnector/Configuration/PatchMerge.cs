namespace DenseConnector.Configuration;

/// <summary>How the visual tokens of several tiles are put in order (<c>mm_patch_merge_type</c>).</summary>
internal enum PatchMerge
{
    /// <summary>Tile after tile.</summary>
    Flat,

    /// <summary>The whole picture's tokens, then the tiles' row by row across the picture.</summary>
    Spatial,

    /// <summary>As <see cref="Spatial"/>, without the padding and with a learned newline after each row.</summary>
    SpatialUnpad,
}
