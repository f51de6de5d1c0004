using DenseConnector.Multimodal;
using DenseConnector.Text;

namespace DenseConnector.Generation;

/// <summary>What a request reads and how much it may make. Holds no tensors.</summary>
/// <param name="PromptIds">The prompt's ids with image slots.</param>
/// <param name="Visuals">What fills each image slot, in order.</param>
/// <param name="PromptTokens">Length of the prompt, visual tokens included; what lies behind it is cut off.</param>
/// <param name="MaxNewTokens">The most tokens to make.</param>
/// <param name="VocabularySize">How many tokens the tokenizer knows; the model's spare ones are never chosen.</param>
internal sealed record GenerationInput(
    int[] PromptIds, IReadOnlyList<VisualSlot> Visuals, int PromptTokens, int MaxNewTokens, int VocabularySize)
{
    /// <summary>What stands at each position of the prompt, as far as it is read.</summary>
    public PositionKey[] Positions()
    {
        List<PositionKey> positions = [];
        int slot = 0;
        foreach (int id in PromptIds)
        {
            if (id != PromptEncoder.ImageSlot)
            {
                positions.Add(new PositionKey(null, id));
                continue;
            }

            VisualSlot visual = Visuals[slot++];
            positions.AddRange(Enumerable.Range(0, visual.Tokens).Select(i => new PositionKey(visual.Hash, i)));
        }

        return [.. positions.Take(PromptTokens)];
    }

    /// <summary>Finds the id that a position of the prompt belongs to.</summary>
    public PromptPlace Find(int position)
    {
        PromptPlace place = default;
        for (; ; )
        {
            bool isSlot = PromptIds[place.Id] == PromptEncoder.ImageSlot;
            int next = place.Start + (isSlot ? Visuals[place.Slot].Tokens : 1);
            if (next > position)
            {
                return place;
            }

            place = new PromptPlace(place.Id + 1, place.Slot + (isSlot ? 1 : 0), next);
        }
    }
}
