using DenseConnector.Multimodal;

namespace DenseConnector.Generation;

/// <summary>What a request reads and how much it may make. Holds no tensors.</summary>
/// <param name="PromptIds">The prompt's ids with image slots.</param>
/// <param name="Visuals">What fills each image slot, in order.</param>
/// <param name="PromptTokens">Length of the prompt, visual tokens included; what lies behind it is cut off.</param>
/// <param name="MaxNewTokens">The most tokens to make.</param>
/// <param name="VocabularySize">How many tokens the tokenizer knows; the model's spare ones are never chosen.</param>
internal sealed record GenerationInput(
    int[] PromptIds, IReadOnlyList<VisualSlot> Visuals, int PromptTokens, int MaxNewTokens, int VocabularySize);
