using DenseConnector.Configuration;
using static TorchSharp.torch;

namespace DenseConnector.Loading;

/// <summary>
/// A LoRA adapter (arXiv 2106.09685) as PEFT saves it: changes weights as they are read, W + scale · B · A.
/// </summary>
/// <remarks>
/// The model then has the adapted weights and nothing else: no second copy, no further product when it runs. The sum
/// is made in float32 whatever the weights are stored in. Used by one thread; disposing closes the adapter's file.
/// </remarks>
internal sealed class LoraAdapter : IDisposable
{
    private const string FileName = "adapter_model";
    private const string DownSuffix = ".lora_A.weight";
    private const string UpSuffix = ".lora_B.weight";
    private const string WeightSuffix = ".weight";

    private readonly CheckpointFiles _files;
    private readonly LoraConfig _config;
    private readonly Dictionary<string, LoraPair> _pairs;

    private LoraAdapter(CheckpointFiles files, LoraConfig config, Dictionary<string, LoraPair> pairs)
    {
        _files = files;
        _config = config;
        _pairs = pairs;
    }

    /// <summary>The weights that are adapted, by the names the model asks for.</summary>
    public IReadOnlyDictionary<string, LoraPair> Pairs => _pairs;

    /// <summary>Whether a folder holds an adapter.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, LoraConfig.FileName));

    /// <summary>Opens an adapter and checks its configuration and shapes; on a failure nothing stays open.</summary>
    /// <exception cref="ModelConfigException">The adapter is no plain LoRA adapter.</exception>
    /// <exception cref="CheckpointException">
    /// Its tensors are missing, damaged, or not what its configuration says.
    /// </exception>
    public static LoraAdapter Open(string folder)
    {
        LoraConfig config = LoraConfigReader.Read(folder);
        CheckpointFiles files = CheckpointFiles.TryOpen(folder, FileName) ?? throw new CheckpointException(
            folder,
            $"has {LoraConfig.FileName} but neither {FileName}.safetensors nor {FileName}.bin. " +
            "Download the adapter again.");
        try
        {
            return new LoraAdapter(files, config, Pair(files, config));
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads a weight's pair and adds its product: <c>[output, input]</c>, float32, on the CPU, changed in place.
    /// </summary>
    public void AddTo(Tensor weight, string name, CancellationToken cancellation)
    {
        LoraPair pair = _pairs[name];
        using Tensor down = ReadFloat(pair.Down, cancellation);
        using Tensor up = ReadFloat(pair.Up, cancellation);
        weight.addmm_(up, down, 1, (float)_config.Scale);
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private static Tensor ReadFloat(TensorLocation location, CancellationToken cancellation)
    {
        using Tensor stored = TensorReading.Read(location, cancellation);
        return stored.to(ScalarType.Float32, copy: true);
    }

    private static Dictionary<string, LoraPair> Pair(CheckpointFiles files, LoraConfig config)
    {
        Dictionary<string, TensorLocation> downs = new(StringComparer.Ordinal);
        Dictionary<string, TensorLocation> ups = new(StringComparer.Ordinal);
        foreach (TensorLocation location in files.Tensors.Values)
        {
            string name = CheckpointNames.Canonical(location.Entry.Name);
            (string suffix, Dictionary<string, TensorLocation> half, int rankAxis) =
                name.EndsWith(DownSuffix, StringComparison.Ordinal) ? (DownSuffix, downs, 0)
                : name.EndsWith(UpSuffix, StringComparison.Ordinal) ? (UpSuffix, ups, 1)
                : throw Wrong(location, $"is neither a *{DownSuffix} nor a *{UpSuffix}; no other adapters are read");
            string layer = name[..^suffix.Length];
            IReadOnlyList<long> shape = location.Entry.Shape;
            if (shape.Count != 2 || shape[rankAxis] != config.Rank)
            {
                throw Wrong(
                    location,
                    $"has shape [{string.Join(", ", shape)}], expected rank {config.Rank} ('r' of " +
                    $"{LoraConfig.FileName}) as its {(rankAxis == 0 ? "first" : "second")} of two dimensions");
            }

            if (config.Targets is not null && !config.Targets.Contains(layer[(layer.LastIndexOf('.') + 1)..]))
            {
                throw Wrong(location, $"adapts a layer that 'target_modules' of {LoraConfig.FileName} does not name");
            }

            if (!half.TryAdd(layer + WeightSuffix, location))
            {
                throw Wrong(location, "adapts a layer that another tensor adapts already");
            }
        }

        if (downs.Keys.Concat(ups.Keys).FirstOrDefault(
            name => !downs.ContainsKey(name) || !ups.ContainsKey(name)) is string alone)
        {
            throw Wrong(
                downs.TryGetValue(alone, out TensorLocation down) ? down : ups[alone],
                $"has no partner: each layer has one *{DownSuffix} and one *{UpSuffix}");
        }

        return downs.ToDictionary(
            item => item.Key, item => new LoraPair(item.Value, ups[item.Key]), StringComparer.Ordinal);
    }

    private static CheckpointException Wrong(TensorLocation location, string problem) => new(
        location.File.Path,
        $"tensor {QuotedName.Of(location.Entry.Name)} {problem}. Merge the adapter with PEFT (merge_and_unload) and " +
        "load the merged model, or download the adapter again.")
    {
        Tensor = location.Entry.Name,
    };
}
