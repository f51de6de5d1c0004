using DenseConnector.Connectors;
using DenseConnector.Vision;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Reference;

/// <summary>
/// Hooks into a Mini-Gemini model's encoder and connector and keeps what goes by under the reference's names.
/// </summary>
internal sealed class MapProbe : IDisposable
{
    private readonly Dictionary<string, Tensor> _maps = [];
    private readonly List<Action> _remove = [];

    public MapProbe(ModelParts parts)
    {
        if (parts.Visuals.Connector is not PatchInfoMining mining)
        {
            return;
        }

        nn.Module[] modules = [.. parts.Visuals.Encoder.modules()];
        var small = modules.OfType<ClipVisionEncoder>().Single()
            .register_forward_pre_hook((_, pixels) => Keep("image_lowres_336", pixels));
        _remove.Add(small.remove);
        Watch("aux_stem", modules.OfType<ConvNextStem>().Single());
        int stage = 0;
        foreach (ConvNextStage module in modules.OfType<ConvNextStage>())
        {
            Watch($"aux_stage{stage++}", module);
        }

        var features = mining.register_forward_pre_hook((_, input) =>
        {
            Keep("aux_features", input.Detail!);
            using Tensor mined = mining.Mine(input.Last, input.Detail!);
            Keep("mined_features", mined);
            return input;
        });
        _remove.Add(features.remove);
        Watch("projector_input", mining);
    }

    /// <summary>
    /// What went by: maps <c>[batch, channels, height, width]</c>, tokens <c>[batch, tokens, width]</c>.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> Maps => _maps;

    public void Dispose()
    {
        _remove.ForEach(remove => remove());
        foreach (Tensor map in _maps.Values)
        {
            map.Dispose();
        }
    }

    private void Watch<TInput>(string name, nn.Module<TInput, Tensor> module)
    {
        var hook = module.register_forward_hook((_, _, output) => Keep(name, output));
        _remove.Add(hook.remove);
    }

    private Tensor Keep(string name, Tensor value)
    {
        _maps[name] = value.clone().DetachFromDisposeScope();
        return value;
    }
}
