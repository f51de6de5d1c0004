using System.Text.Json;

namespace DenseConnector.Tests.Reference;

/// <summary>
/// One folder of <c>models/</c> in a reference folder: a tiny checkpoint and what the official code makes of it.
/// </summary>
internal sealed class ReferenceFixture
{
    private readonly string _reference;
    private readonly JsonElement _golden;

    public ReferenceFixture(string reference, string name)
    {
        _reference = reference;
        Name = name;
        string folder = Path.Combine(reference, "models", name);
        Checkpoint = Path.Combine(folder, "checkpoint");
        _golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "golden.json"))).RootElement;
        Tensors = new GoldenTensors(Path.Combine(folder, "golden.safetensors"));
    }

    public string Name { get; }

    public string Checkpoint { get; }

    public GoldenTensors Tensors { get; }

    public bool VisionInside =>
        _golden.GetProperty("vision_weights").GetString()!.Contains("inside", StringComparison.Ordinal);

    public string Tower => _golden.TryGetProperty("tower", out JsonElement tower)
        ? Path.Combine(_reference, "towers", tower.GetString()!)
        : FindTower("mm_vision_tower")!;

    /// <summary>The folder of Mini-Gemini's high-resolution tower, or <c>null</c> if the model has none.</summary>
    public string? AuxiliaryTower => FindTower("mm_vision_tower_aux");

    /// <summary>What the library reads of the fixture's configurations.</summary>
    public ModelPlan Plan => ModelPlan.Read(
        ModelFolder.Find(Checkpoint),
        new ModelOptions { VisionTower = Tower, AuxiliaryVisionTower = AuxiliaryTower });

    /// <summary>
    /// Why the library cannot run this fixture yet, judged by what it holds, or <c>null</c> if it must pass.
    /// </summary>
    public string? NotYet
    {
        get
        {
            if (!HasSafetensors(Directory.Exists(Checkpoint) ? Checkpoint : "."))
            {
                return "checkpoint form";
            }

            return Config("image_aspect_ratio") == "anyres" ? "AnyRes"
                : AuxiliaryTower is string tower && !VisionInside && !HasSafetensors(tower) ? "tower form"
                : null;
        }
    }

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

    private static bool HasSafetensors(string folder) =>
        Directory.EnumerateFiles(folder, "*.safetensors").Any();

    /// <summary>
    /// The tower a key of the configuration names; Mini-Gemini's name it by a folder, of which the last part counts.
    /// </summary>
    private string? FindTower(string key) => Config(key) is string name
        ? Directory.EnumerateDirectories(Path.Combine(_reference, "towers"))
            .Select(owner => Path.Combine(owner, name.Split('/')[^1]))
            .First(Directory.Exists)
        : null;

    private string? Config(string key) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Checkpoint, "config.json"))).RootElement
            .TryGetProperty(key, out JsonElement value) ? $"{value}" : null;
}
