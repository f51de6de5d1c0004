namespace DenseConnector;

/// <summary>How a model is loaded and run.</summary>
/// <remarks>Immutable; each property checks itself.</remarks>
public sealed record ModelOptions
{
    /// <summary>
    /// Where the model runs: <c>auto</c> (the first CUDA device if there is one, else the CPU, where a quantised model
    /// always runs), <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.
    /// </summary>
    public string Device
    {
        get;
        init => field = IsDevice(value)
            ? value
            : throw new ArgumentException($"'{value}' is no device; use auto, cpu, cuda or cuda:N.", nameof(Device));
    } = "auto";

    /// <summary>The number format the model is computed in.</summary>
    public Precision Precision { get; init; }

    /// <summary>
    /// The format the language model's matrices are kept in; on a CPU only. A quantised model computes in bfloat16
    /// unless <see cref="Precision"/> says otherwise. A checkpoint that is stored quantised, as <c>denseconnector
    /// quantize</c> writes it, has its format whether this is set or not; another one is refused.
    /// </summary>
    public Quantization Quantization { get; init; }

    /// <summary>
    /// The name of the prompt template (<c>vicuna_v1</c>, …). Unset: what the catalog or the checkpoint says.
    /// <c>llama_3</c> is the form the published Llama-3 models were trained with, <c>llama_3_chat</c> Meta's own.
    /// </summary>
    public string? PromptTemplate { get; init; }

    /// <summary>
    /// The vision tower (<c>config.json</c>, <c>preprocessor_config.json</c>, weights): a folder, or a repository
    /// (<c>owner/name</c>). Unset: what <c>mm_vision_tower</c> of <c>config.json</c> names, a folder inside the
    /// checkpoint or a repository.
    /// </summary>
    public string? VisionTower { get; init; }

    /// <summary>
    /// The folder or repository of the high-resolution tower of a Mini-Gemini model
    /// (<c>open_clip_config.json</c>, weights). Unset: what <c>mm_vision_tower_aux</c> of <c>config.json</c> names, a
    /// folder inside the checkpoint or a repository; none is needed if the checkpoint holds the tower's weights.
    /// </summary>
    public string? AuxiliaryVisionTower { get; init; }

    /// <summary>
    /// The folder or repository of the language model (<c>config.json</c>, weights, tokenizer) under a checkpoint that
    /// holds no more than a projector (<c>mm_projector.bin</c>) or a LoRA adapter (<c>adapter_config.json</c>). Unset:
    /// the repository their configuration names, if it names one; other checkpoints hold all weights.
    /// </summary>
    public string? BaseModel { get; init; }

    /// <summary>Where the vision towers' weights are read from.</summary>
    public VisionWeights VisionWeights { get; init; }

    /// <summary>
    /// Whether weights are used where their file lies in memory, which makes a load fast and takes no memory of the
    /// process, or copied. The file must not be changed while the model is loaded: see <see cref="MemoryMap"/>.
    /// </summary>
    public MemoryMap MemoryMap { get; init; }

    /// <summary>What happens to a prompt that is longer than the checkpoint says it may be.</summary>
    public LongPrompts LongPrompts { get; init; }

    /// <summary>
    /// The most requests that are worked on at once, sharing each reading of the weights; further ones wait in order.
    /// At least 1.
    /// </summary>
    public int MaxConcurrency
    {
        get;
        init => field = value >= 1
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(MaxConcurrency), value, $"MaxConcurrency is {value}, expected at least 1.");
    } = 8;

    /// <summary>
    /// The most bytes that the keys and values of past texts may take, those of requests under way included: a request
    /// that begins as one before it (the same picture, a dialogue that goes on) reads only what is new. Requests under
    /// way always get what they need; what is kept beside them goes when it does not fit, least recently used first.
    /// 2 GiB by default; 0 keeps nothing.
    /// </summary>
    public long PrefixCacheBytes
    {
        get;
        init => field = RequireBytes(value, nameof(PrefixCacheBytes));
    } = 2L << 30;

    /// <summary>
    /// The most bytes of visual tokens that are kept, so that a picture or video seen before is not looked at again;
    /// least recently used go first. 256 MiB by default (56 pictures of 576 tokens for a language model of width 4096,
    /// in bfloat16); 0 keeps nothing.
    /// </summary>
    public long VisualCacheBytes
    {
        get;
        init => field = RequireBytes(value, nameof(VisualCacheBytes));
    } = 256L << 20;

    /// <summary>Where models named by their repository (<c>owner/name</c>) come from and are kept.</summary>
    public HubOptions Hub { get; init; } = new();

    private static long RequireBytes(long value, string name) => value >= 0
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}, expected at least 0 bytes.");

    private static bool IsDevice(string? device) =>
        device is "auto" or "cpu" or "cuda" ||
        (device is not null && device.StartsWith("cuda:", StringComparison.Ordinal) &&
            int.TryParse(device.AsSpan("cuda:".Length), System.Globalization.NumberStyles.None, null, out _));
}
