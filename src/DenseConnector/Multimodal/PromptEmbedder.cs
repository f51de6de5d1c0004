using DenseConnector.Decoders;
using DenseConnector.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Multimodal;

/// <summary>
/// Puts visual tokens into the text embeddings at the image slots
/// (<c>prepare_inputs_labels_for_multimodal</c> of the official <c>llava_arch.py</c>).
/// </summary>
internal static class PromptEmbedder
{
    /// <summary>The length of a prompt once each image slot is replaced by its visual tokens.</summary>
    public static int CountTokens(ReadOnlySpan<int> ids, int visualTokens) =>
        ids.Length - ids.Count(PromptEncoder.ImageSlot) + visualTokens;

    /// <summary>
    /// Ids with image slots and one block <c>[tokens, hidden]</c> of visual tokens per slot → embeddings
    /// <c>[length, hidden]</c>.
    /// </summary>
    public static Tensor Embed(Decoder decoder, ReadOnlySpan<int> ids, IReadOnlyList<Tensor> visualTokens)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> parts = [];
        int slots = 0;
        for (int start = 0; start <= ids.Length;)
        {
            int length = ids[start..].IndexOf(PromptEncoder.ImageSlot);
            ReadOnlySpan<int> text = length < 0 ? ids[start..] : ids.Slice(start, length);
            if (text.Length > 0)
            {
                parts.Add(decoder.Embed(tensor(text.ToArray(), ScalarType.Int64, decoder.Device)));
            }

            if (length < 0)
            {
                break;
            }

            parts.Add(visualTokens[slots++].to(decoder.Type, decoder.Device));
            start += length + 1;
        }

        return cat(parts, 0).MoveToOuterDisposeScope();
    }
}
