using System.Text.Json;

namespace DenseConnector.Tests.Reference;

/// <summary>
/// One folder of <c>models/</c> in a reference folder: a tiny checkpoint and what the official code makes of it.
/// </summary>
internal sealed class ReferenceFixture
{
    private readonly string _reference;
    private readonly string _towers;
    private readonly JsonElement _golden;

    public ReferenceFixture(string reference, string name, string towers = "towers")
    {
        _reference = reference;
        _towers = towers;
        Name = name;
        string folder = Path.Combine(reference, "models", name);
        string below = Path.Combine(folder, "base");
        BaseModel = Directory.Exists(below) ? below : null;
        Checkpoint = Directory.EnumerateDirectories(folder).Single(inside => inside != below);
        _golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "golden.json"))).RootElement;
        Tensors = new GoldenTensors(Path.Combine(folder, "golden.safetensors"));
    }

    public string Name { get; }

    public string Checkpoint { get; }

    /// <summary>The language model below a checkpoint that is a projector or an adapter alone.</summary>
    public string? BaseModel { get; }

    public GoldenTensors Tensors { get; }

    public bool VisionInside => _golden.TryGetProperty("vision_weights", out JsonElement place) &&
        place.GetString()!.Contains("inside", StringComparison.Ordinal);

    public string Tower => Path.Combine(
        _reference,
        _towers,
        _golden.TryGetProperty("tower", out JsonElement tower) ? tower.GetString()! : Config("mm_vision_tower"));

    /// <summary>
    /// Why the library cannot run this fixture yet, judged by what it holds, or <c>null</c> if it must pass.
    /// </summary>
    public string? NotYet => Config("model_type") == "mgm" ? "Mini-Gemini"
        : Config("image_aspect_ratio") == "anyres" ? "AnyRes"
        : null;

    public IEnumerable<ReferenceCase> Cases => _golden.GetProperty("cases").EnumerateObject()
        .Select(item => new ReferenceCase(item.Name, item.Value));

    /// <summary>
    /// The uint8 picture of an input, ready for the preprocessing that changes nothing at native size.
    /// </summary>
    public ImageInput Picture(string input)
    {
        GoldenTensors tensors = new(Path.Combine(_reference, "inputs", input + ".safetensors"));
        int[] shape = tensors.Shape("image_u8");
        return ImageInput.FromPixels(shape[1], shape[0], tensors.Bytes("image_u8"));
    }

    private string Config(string key)
    {
        JsonElement config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Checkpoint, "config.json"))).RootElement;
        return config.TryGetProperty(key, out JsonElement value) ? $"{value}" : string.Empty;
    }
}
