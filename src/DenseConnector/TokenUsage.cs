namespace DenseConnector;

/// <summary>How many tokens a request read and made.</summary>
/// <param name="PromptTokens">Length of the prompt, visual tokens included.</param>
/// <param name="GeneratedTokens">Tokens the model made, the ending token included.</param>
/// <param name="CachedTokens">
/// Prompt tokens that were not read again, as a request before began the same (<see
/// cref="ModelOptions.PrefixCacheBytes"/>).
/// </param>
public sealed record TokenUsage(int PromptTokens, int GeneratedTokens, int CachedTokens = 0);
