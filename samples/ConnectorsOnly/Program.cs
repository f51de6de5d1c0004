using DenseConnector.Connectors;
using TorchSharp;
using static TorchSharp.torch;

// The paper's module inside a program of one's own: 24 layers of some encoder go in, visual tokens come out. It comes
// first: where the system's libstdc++ is older than TorchSharp asks for, it mends that before libtorch loads.
using Connector connector = new DenseChannelIntegration(EncoderLayers.Clip);
using Connector tokens = new SparseTokenIntegration(EncoderLayers.Clip);
using DisposeScope scope = NewDisposeScope();
const int patches = 576, width = 64, languageWidth = 128;

// Hidden states of an encoder that this program has: 0 is the embedding output, n the output of layer n.
Tensor[] states = [.. Enumerable.Range(0, 25).Select(_ => randn(1, patches, width))];

// A projector to train is sized by the connector.
using nn.Module<Tensor, Tensor> projector = nn.Linear(connector.OutputWidth(width), languageWidth);
Tensor dense = projector.call(connector.call(FeaturesFor(connector)));
Console.WriteLine($"Dense Channel Integration and projector: [{string.Join(", ", dense.shape)}]");

// A step of training reaches the projector through the connector, which has no weights.
dense.square().mean().backward();
bool learns = projector.parameters().All(weight => weight.grad is not null);
Console.WriteLine($"The projector has gradients: {learns}");

Tensor sparse = tokens.call(FeaturesFor(tokens));
int count = tokens.TokenCount(patches);
Console.WriteLine($"Sparse Token Integration: [{string.Join(", ", sparse.shape)}], of {count} tokens");

VisionFeatures FeaturesFor(Connector to) => new(
    states[23],
    [.. to.Ranges.Select(range => stack(states[range.First..(range.Last + 1)]).mean([0]))]);
