using DenseConnector.Connectors;
using DenseConnector.Vision;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Multimodal;

/// <summary>
/// Pixels → visual tokens of the language model's width: encoder, connector, projector
/// (<c>encode_images</c> of the official <c>llava_arch.py</c>).
/// </summary>
internal sealed class VisualEmbedder : nn.Module<Tensor, Tensor>
{
    private readonly VisionEncoder _encoder;
    private readonly Connector _connector;
    private readonly Projector _projector;
    private readonly VisualLayout _layout;

    /// <summary>Joins the parts; they are disposed with this module.</summary>
    public VisualEmbedder(VisionEncoder encoder, Connector connector, Projector projector, VisualLayout layout)
        : base(nameof(VisualEmbedder))
    {
        _encoder = encoder;
        _connector = connector;
        _projector = projector;
        _layout = layout;
        RegisterComponents();
    }

    /// <summary>The encoder; tests look inside through it.</summary>
    public VisionEncoder Encoder => _encoder;

    /// <summary>The connector; tests look inside through it.</summary>
    public Connector Connector => _connector;

    /// <summary>How the tokens of tiles and frames are put in order.</summary>
    public VisualLayout Layout => _layout;

    /// <summary>Pixels <c>[pictures, 3, height, width]</c> → visual tokens <c>[pictures, tokens, hidden]</c>.</summary>
    public override Tensor forward(Tensor pixels)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = pixels.to(_encoder.InputType, _encoder.Device);
        Tensor features = _connector.call(_encoder.call(input)); // [pictures, tokens, connector width]
        return _projector.call(features).MoveToOuterDisposeScope();
    }
}
