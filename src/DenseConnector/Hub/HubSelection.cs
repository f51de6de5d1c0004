using System.Text.Json;
using System.Text.RegularExpressions;

namespace DenseConnector.Hub;

/// <summary>Which files of a repository are needed to load it, and whether a folder has them.</summary>
/// <remarks>
/// A positive list: optimizer states, other frameworks' weights (<c>.onnx</c>, <c>.gguf</c>, <c>.msgpack</c>,
/// <c>.h5</c>), copies in sub-folders and files a repository adds later are never downloaded. Immutable.
/// </remarks>
internal sealed partial class HubSelection
{
    /// <summary>The file that makes a folder a model.</summary>
    public const string Config = "config.json";

    private const string SafetensorsIndex = "model.safetensors.index.json";
    private const string PickleIndex = "pytorch_model.bin.index.json";
    private const string AdapterConfig = "adapter_config.json";
    private const string Projector = "mm_projector.bin";
    private const string OpenClipConfig = "open_clip_config.json";
    private const string OpenClipSafetensors = "open_clip_model.safetensors";
    private const string OpenClipPickle = "open_clip_pytorch_model.bin";
    private const string Preprocessor = "preprocessor_config.json";

    private readonly string[] _small;
    private readonly bool _weights;
    private readonly string[] _heads;

    private HubSelection(string[] small, bool weights, params string[] heads)
    {
        _small = small;
        _weights = weights;
        _heads = heads.Length > 0 ? heads : [Config];
    }

    /// <summary>What a language model's folder holds beside its configuration and its weights.</summary>
    public static IReadOnlyList<string> TextFiles { get; } =
    [
        "generation_config.json", "tokenizer.json", "tokenizer_config.json", "tokenizer.model",
        "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
    ];

    /// <summary>A whole model: configuration, tokenizer, weights, an adapter if it is one.</summary>
    public static HubSelection Model { get; } = new(
        [
            Config, Preprocessor, "processor_config.json", AdapterConfig, .. TextFiles, SafetensorsIndex, PickleIndex,
        ],
        weights: true,
        Config,
        AdapterConfig);

    /// <summary>A high-resolution tower in OpenCLIP's form.</summary>
    public static HubSelection AuxiliaryTower { get; } = new(
        [OpenClipConfig], weights: true, OpenClipConfig);

    /// <summary>A vision tower, with its weights or without.</summary>
    public static HubSelection Tower(bool weights) => new(
        weights ? [Config, Preprocessor, SafetensorsIndex, PickleIndex] : [Config, Preprocessor], weights);

    /// <summary>The files of which one is needed, the usual one first.</summary>
    public IReadOnlyList<string> Heads => _heads;

    /// <summary>Whether weights belong to it.</summary>
    public bool WantsWeights => _weights;

    /// <summary>
    /// The small files that are looked for; a cache says of each that it is there or that it is known to be absent.
    /// </summary>
    public IReadOnlyList<string> Small => _small;

    /// <summary>The weights among a repository's files: safetensors if there are any, else pickle.</summary>
    /// <param name="files">The repository's files.</param>
    /// <param name="folder">The folder within the repository, with a slash at its end; empty for the root.</param>
    public IReadOnlyList<string> WeightsOf(IEnumerable<string> files, string folder = "")
    {
        if (!_weights)
        {
            return [];
        }

        List<string> names = [.. files.Where(file => file.StartsWith(folder, StringComparison.Ordinal))
            .Select(file => file[folder.Length..])];
        IEnumerable<string>[] forms =
        [
            names.Where(name => name == "model.safetensors"),
            names.Where(name => SafetensorsShard().IsMatch(name)),
            names.Where(name => name == "pytorch_model.bin"),
            names.Where(name => PickleShard().IsMatch(name)),
            names.Where(name => name == OpenClipSafetensors),
            names.Where(name => name == OpenClipPickle),
        ];
        IEnumerable<string> adapter = names.Contains("adapter_model.safetensors")
            ? ["adapter_model.safetensors"]
            : names.Where(name => name == "adapter_model.bin");
        return [.. (forms.FirstOrDefault(form => form.Any()) ?? [])
            .Concat(adapter)
            .Concat(names.Where(name => name is Projector or "non_lora_trainables.bin"))
            .Select(name => folder + name)];
    }

    /// <summary>Whether a folder has what a load cannot do without.</summary>
    public bool IsUsable(string folder) =>
        _heads.Any(head => Has(folder, head)) && (!_weights || HasWeights(folder));

    /// <summary>
    /// Whether a snapshot has all that its repository has of this selection, so that nobody needs to be asked.
    /// </summary>
    public bool IsComplete(HubCache cache, RepositoryName repository, string commit) =>
        IsUsable(cache.SnapshotFolder(repository, commit)) &&
        _small.All(name =>
            cache.HasFile(repository, commit, name) || cache.IsAbsent(repository, commit, name));

    private static bool HasWeights(string folder) =>
        Has(folder, "model.safetensors") || HasShards(folder, SafetensorsIndex) ||
        Has(folder, "pytorch_model.bin") || HasShards(folder, PickleIndex) ||
        Has(folder, "adapter_model.safetensors") || Has(folder, "adapter_model.bin") ||
        Has(folder, OpenClipSafetensors) || Has(folder, OpenClipPickle) ||
        (Has(folder, Projector) && !Has(folder, SafetensorsIndex) && !Has(folder, PickleIndex));

    private static bool HasShards(string folder, string index)
    {
        if (!Has(folder, index))
        {
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, index)));
            List<string> shards = [.. document.RootElement.GetProperty("weight_map").EnumerateObject()
                .Select(entry => entry.Value.GetString() ?? string.Empty).Distinct()];
            return shards.Count > 0 &&
                shards.All(shard => HubPath.ProblemOf(shard) is null && Has(folder, shard));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // What is wrong with it is for the reader of weights to say.
            return false;
        }
    }

    private static bool Has(string folder, string name) => HubCache.IsFile(HubPath.Join(folder, name));

    [GeneratedRegex(@"\Amodel-\d+-of-\d+\.safetensors\z")]
    private static partial Regex SafetensorsShard();

    [GeneratedRegex(@"\Apytorch_model-\d+-of-\d+\.bin\z")]
    private static partial Regex PickleShard();
}
