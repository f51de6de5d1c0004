namespace DenseConnector.Generation;

/// <summary>Where in a prompt's ids a position lies.</summary>
/// <param name="Id">Index of the id whose tokens the position belongs to.</param>
/// <param name="Slot">How many image slots come before that id.</param>
/// <param name="Start">Position of that id's first token.</param>
internal readonly record struct PromptPlace(int Id, int Slot, int Start);
