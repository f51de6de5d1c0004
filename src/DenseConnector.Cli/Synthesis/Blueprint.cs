using System.Reflection;
using System.Text.Json.Nodes;
using DenseConnector.Catalog;
using DenseConnector.Configuration;
using DenseConnector.Imaging;

namespace DenseConnector.Cli.Synthesis;

/// <summary>
/// The configuration files of a full-size model, with no weights: of a row of the catalog, or of parts put together by
/// name.
/// </summary>
/// <remarks>
/// The sizes stand in <c>blueprints.json</c>; they are those of the configurations the models' authors publish.
/// Immutable, hence thread-safe.
/// </remarks>
internal sealed class Blueprint
{
    private const string AnyRes = "anyres";
    private const string MiniGemini = "mini-gemini";

    private static readonly Lazy<JsonObject> Parts = new(ReadParts);

    private readonly string _decoder;
    private readonly string _tower;
    private readonly string _connector;
    private readonly string _layout;
    private readonly string _template;

    private Blueprint(string name, string decoder, string tower, string connector, string layout, string template)
    {
        Name = name;
        _decoder = decoder;
        _tower = tower;
        _connector = connector;
        _layout = layout;
        _template = template;
    }

    /// <summary>The name it was found by.</summary>
    public string Name { get; }

    /// <summary>Whether it has Mini-Gemini's high-resolution tower.</summary>
    public bool HasDetailTower => _layout == MiniGemini;

    /// <summary>How names of parts put together look, for errors and help.</summary>
    public static string Form =>
        $"DECODER-TOWER-CONNECTOR, optionally followed by -anyres or -mini-gemini, with a decoder of " +
        $"{Names("decoders")}, a tower of {Names("towers")} and a connector of none, sti, sci, dci " +
        "(vicuna-7b-siglip-dci, for example)";

    /// <summary>
    /// The blueprint of a row of the catalog, or <c>null</c> if the row's model is not of published parts.
    /// </summary>
    public static Blueprint? Of(CatalogEntry entry) =>
        TowerNamed(entry.Vision) is string tower && Parts.Value["decoders"]!.AsObject().ContainsKey(entry.Decoder)
            ? new Blueprint(entry.Name, entry.Decoder, tower, entry.Connector, entry.Layout, entry.PromptTemplate)
            : null;

    /// <summary>Finds a blueprint by a name of the catalog or of parts put together (<see cref="Form"/>).</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static Blueprint Find(string name) =>
        (ModelCatalog.Find(name) is CatalogEntry entry ? Of(entry) : Compose(name)) ??
        throw new ArgumentException(
            $"There is no full-size model '{name}': expected a name of the catalog with a published language model " +
            $"and tower, or {Form}.");

    /// <summary>What its configuration files say; none of them stays.</summary>
    public ModelPlan ReadPlan()
    {
        string folder = Directory.CreateTempSubdirectory("denseconnector-").FullName;
        try
        {
            WriteTo(folder);
            return ModelPlan.Read(new ModelFolder(Name, folder, null), new ModelOptions());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Writes the configuration files of the checkpoint and, in folders inside it, of its towers.</summary>
    public void WriteTo(string folder)
    {
        JsonObject tower = Parts.Value["towers"]![_tower]!.AsObject();
        JsonObject config = Parts.Value["decoders"]![_decoder]!.DeepClone().AsObject();
        long width = (long)tower["width"]!;
        config["mm_vision_tower"] = (string)tower["name"]!;
        config["mm_vision_select_layer"] = -2;
        config["mm_vision_select_feature"] = "patch";
        config["mm_projector_type"] = "mlp2x_gelu";
        config["mm_dense_connector_type"] = _connector;
        config["mm_hidden_size"] = _connector is "sci" or "dci" ? 3 * width : width;
        config["image_aspect_ratio"] = _layout == AnyRes ? AnyRes : "pad";
        config["mm_patch_merge_type"] = "flat";
        config["bos_token_id"] = 1;
        config["eos_token_id"] = 2;
        config["torch_dtype"] = "bfloat16";
        config["prompt_template"] = _template;
        if (_layout == AnyRes)
        {
            config["image_grid_pinpoints"] = tower["grid"]!.DeepClone();
            config["mm_patch_merge_type"] = "spatial_unpad";
        }

        if (HasDetailTower)
        {
            JsonObject detail = DetailTower();
            config["model_type"] = "mgm";
            config["mm_vision_tower_aux"] = (string)detail["name"]!;
            config["image_size_aux"] = (int)detail["imageSize"]!;
            config["mm_hidden_size_aux"] = Numbers(detail, "widths").Sum();
            Write(detail["config"]!, folder, (string)detail["name"]!, AuxiliaryVisionConfig.TowerFile);
        }

        Write(config, folder, ConfigReader.FileName);
        Write(tower["config"]!, folder, (string)tower["name"]!, ConfigReader.FileName);
        Write(tower["preprocessor"]!, folder, (string)tower["name"]!, ImageProcessorSettings.FileName);
    }

    /// <summary>
    /// The shapes from which the size of the high-resolution tower is read, by the names of an OpenCLIP checkpoint;
    /// empty if the model has no such tower.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> DetailShapes()
    {
        Dictionary<string, IReadOnlyList<long>> shapes = [];
        if (HasDetailTower)
        {
            long[] widths = Numbers(DetailTower(), "widths");
            long[] depths = Numbers(DetailTower(), "depths");
            for (int stage = 0; stage < widths.Length; stage++)
            {
                for (int block = 0; block < depths[stage]; block++)
                {
                    shapes[$"visual.trunk.stages.{stage}.blocks.{block}.gamma"] = [widths[stage]];
                }
            }
        }

        return shapes;
    }

    private static Blueprint? Compose(string name)
    {
        string decoder = Parts.Value["decoders"]!.AsObject().Select(part => part.Key).FirstOrDefault(
            part => name.StartsWith(part + "-", StringComparison.OrdinalIgnoreCase)) ?? string.Empty;
        string[] rest = name[Math.Min(name.Length, decoder.Length + 1)..].ToLowerInvariant().Split('-', 3);
        return decoder.Length > 0 && rest.Length >= 2 && Parts.Value["towers"]!.AsObject().ContainsKey(rest[0]) &&
            rest[1] is "none" or "sti" or "sci" or "dci" && (rest.Length == 2 || rest[2] is AnyRes or MiniGemini)
                ? new Blueprint(name, decoder, rest[0], rest[1], rest.Length == 2 ? "pad" : rest[2], "vicuna_v1")
                : null;
    }

    private static string? TowerNamed(string name) => Parts.Value["towers"]!.AsObject()
        .Where(part => (string)part.Value!["name"]! == name)
        .Select(part => part.Key)
        .FirstOrDefault();

    private static JsonObject DetailTower() => Parts.Value["detailTower"]!.AsObject();

    private static long[] Numbers(JsonObject part, string key) =>
        [.. part[key]!.AsArray().Select(number => (long)number!)];

    private static string Names(string kind) =>
        string.Join(", ", Parts.Value[kind]!.AsObject().Select(part => part.Key));

    private static void Write(JsonNode json, params string[] path)
    {
        string file = Path.Combine(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, json.ToJsonString(ToolJson.Options) + "\n");
    }

    private static JsonObject ReadParts()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("blueprints.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}
