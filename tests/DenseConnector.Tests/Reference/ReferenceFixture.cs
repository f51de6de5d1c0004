using System.Text.Json;
using DenseConnector.Imaging;
using DenseConnector.Multimodal;

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

    public bool VisionInside => VisionWeightsAre("inside");

    /// <summary>
    /// Whether the weights inside the checkpoint are those of the tower's folder, so that either will do.
    /// </summary>
    public bool VisionIdentical => VisionWeightsAre("identical");

    public string Tower => _golden.TryGetProperty("tower", out JsonElement tower)
        ? Path.Combine(_reference, _towers, tower.GetString()!)
        : FindTower("mm_vision_tower")!;

    /// <summary>The folder of Mini-Gemini's high-resolution tower, or <c>null</c> if the model has none.</summary>
    public string? AuxiliaryTower => FindTower("mm_vision_tower_aux");

    /// <summary>What the library reads of the fixture's configurations.</summary>
    public ModelPlan Plan => ModelPlan.Read(
        ModelFolder.Find(Checkpoint),
        new ModelOptions { VisionTower = Tower, AuxiliaryVisionTower = AuxiliaryTower, BaseModel = BaseModel });


    public IEnumerable<ReferenceCase> Cases => _golden.GetProperty("cases").EnumerateObject()
        .Select(item => new ReferenceCase(item.Name, item.Value));

    /// <summary>What fills the image slots of a case, from the uint8 pixels the reference was given.</summary>
    public IReadOnlyList<VisualSlot> Slots(ReferenceCase @case, VisualGeometry geometry)
    {
        ImageProcessor processor = new(Plan.Processor);
        if (@case.IsVideo)
        {
            // Frame i is the picture rolled down 11·i rows and right 17·i columns.
            ImageInput picture = Tiles(@case.Images[0].Split(' ')[0])[0];
            IEnumerable<ImageInput> frames = @case.Images.Select((_, frame) => Roll(picture, 11 * frame, 17 * frame));
            VideoInput video = new([.. frames]) { Pool = @case.Pools };
            return [geometry.Read(video, processor, CancellationToken.None)];
        }

        return [.. @case.Images.Select(
            (image, index) => Slot(Tiles(image), @case.ImageSize(index), geometry, processor))];
    }

    private static VisualSlot Slot(
        List<ImageInput> tiles, PixelSize? size, VisualGeometry geometry, ImageProcessor processor)
    {
        // At native size the preprocessing resizes nothing, so the reference's own tiles go in as they are.
        PixelValues[] pixels = [.. tiles.Select(tile => processor.Process(tile, ImageAspect.Plain))];
        PixelValues all = pixels[0] with
        {
            Values = [.. pixels.SelectMany(tile => tile.Values)],
            Tiles = pixels.Length,
        };
        PixelSize picture = size ?? new PixelSize(tiles[0].Width, tiles[0].Height);
        return new VisualSlot(all, picture, geometry.CountTokens(picture, all.Tiles));
    }

    private List<ImageInput> Tiles(string input)
    {
        GoldenTensors tensors = new(Path.Combine(_reference, "inputs", input + ".safetensors"));
        string name = tensors.Names.Single();
        int[] shape = tensors.Shape(name);
        (int height, int width) = (shape[^3], shape[^2]);
        return [.. tensors.Bytes(name).Chunk(height * width * 3).Select(
            tile => ImageInput.FromPixels(width, height, tile))];
    }

    private static ImageInput Roll(ImageInput picture, int down, int right)
    {
        ReadOnlySpan<byte> pixels = picture.Pixels.Span;
        byte[] rolled = new byte[pixels.Length];
        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                int to = ((y + down) % picture.Height * picture.Width) + ((x + right) % picture.Width);
                pixels.Slice(((y * picture.Width) + x) * 3, 3).CopyTo(rolled.AsSpan(to * 3));
            }
        }

        return ImageInput.FromPixels(picture.Width, picture.Height, rolled);
    }

    private bool VisionWeightsAre(string word) => _golden.TryGetProperty("vision_weights", out JsonElement place) &&
        place.GetString()!.Contains(word, StringComparison.Ordinal);

    /// <summary>
    /// The tower a key of the configuration names; Mini-Gemini's name it by a folder, of which the last part counts.
    /// </summary>
    private string? FindTower(string key) => Config(key) is string name
        ? Directory.EnumerateDirectories(Path.Combine(_reference, _towers))
            .Select(owner => Path.Combine(owner, name.Split('/')[^1]))
            .First(Directory.Exists)
        : null;

    private string? Config(string key) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Checkpoint, "config.json"))).RootElement
            .TryGetProperty(key, out JsonElement value) ? $"{value}" : null;
}
