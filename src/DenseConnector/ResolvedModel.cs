namespace DenseConnector;

/// <summary>A model whose files are all on this machine.</summary>
/// <param name="Folder">The checkpoint's folder.</param>
/// <param name="Options">The options, the vision tower's folder filled in where it lies outside the checkpoint.</param>
/// <param name="Sources">The snapshots of the hub's cache in use: the model's first, then the vision tower's.</param>
internal sealed record ResolvedModel(ModelFolder Folder, ModelOptions Options, IReadOnlyList<HubSource> Sources);
