using DenseConnector.Configuration;
using DenseConnector.Loading;

namespace DenseConnector.Decoders;

/// <summary>What is known of one kind of language model.</summary>
/// <param name="HasGate">
/// Whether the feed-forward block has a gate, and so three matrices; without one it has two.
/// </param>
/// <param name="Create">Makes the decoder: the root of the checkpoint, its configuration.</param>
internal sealed record DecoderFamily(bool HasGate, Func<WeightScope, DecoderConfig, Decoder> Create);
