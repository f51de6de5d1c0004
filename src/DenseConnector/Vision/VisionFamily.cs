using DenseConnector.Configuration;
using DenseConnector.Connectors;
using DenseConnector.Loading;

namespace DenseConnector.Vision;

/// <summary>What is known of one kind of vision tower.</summary>
/// <param name="Layers">Which hidden states the connectors use.</param>
/// <param name="LastState">
/// The hidden state that is the last feature, from the tower and <c>mm_vision_select_layer</c>; a negative result or
/// one beyond the tower's layers is refused.
/// </param>
/// <param name="Create">Makes the encoder: scope of <c>vision_model</c>, tower, ranges, last feature's state.</param>
internal sealed record VisionFamily(
    EncoderLayers Layers,
    Func<VisionConfig, int, int> LastState,
    Func<WeightScope, VisionConfig, IReadOnlyList<LayerRange>, int, VisionEncoder> Create);
