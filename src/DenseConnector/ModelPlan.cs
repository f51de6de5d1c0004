using DenseConnector.Configuration;
using DenseConnector.Connectors;
using DenseConnector.Imaging;
using DenseConnector.Layers;
using DenseConnector.Multimodal;
using DenseConnector.Vision;

namespace DenseConnector;

/// <summary>
/// What is known of a model's networks before a weight is read: configurations and the choices that follow from them.
/// Reading it needs no native library.
/// </summary>
internal sealed record ModelPlan
{
    /// <summary>Where the checkpoint lies and what it was called.</summary>
    public required ModelFolder Folder { get; init; }

    /// <summary>The folder of the language model that the checkpoint adds to, or <c>null</c>.</summary>
    public string? BaseModel { get; init; }

    /// <summary>The checkpoint's configuration.</summary>
    public required ModelConfig Config { get; init; }

    /// <summary>The vision tower's folder.</summary>
    public required string TowerFolder { get; init; }

    /// <summary>The vision tower's configuration.</summary>
    public required VisionConfig Vision { get; init; }

    /// <summary>The vision tower's family.</summary>
    public required VisionFamily Family { get; init; }

    /// <summary>The hidden state that is the last feature.</summary>
    public required int LastState { get; init; }

    /// <summary>The high-resolution tower of Mini-Gemini, or <c>null</c> if the model has none.</summary>
    public AuxiliaryPlan? Auxiliary { get; init; }

    /// <summary>How pixels are prepared.</summary>
    public required ImageProcessorSettings Processor { get; init; }

    /// <summary>How pictures are cut up, and into how many visual tokens.</summary>
    /// <param name="tokensPerTile">Visual tokens of one tile.</param>
    public VisualGeometry Geometry(int tokensPerTile) => new(
        Config.ImageLayout,
        Config.PatchMerge,
        [.. Config.GridPinpoints.Select(size => new PixelSize(size.Width, size.Height))],
        Vision.ImageSize,
        Vision.PatchesPerSide,
        tokensPerTile);

    /// <summary>
    /// The format the language model's matrices are kept in: the quantised one they are stored in, or else the one
    /// asked for.
    /// </summary>
    /// <param name="asked">The format that is asked for.</param>
    /// <exception cref="ArgumentException">They are stored in another format than the one asked for.</exception>
    public Quantization KeptIn(Quantization asked)
    {
        Quantization stored = Config.Quantization;
        if (stored == Quantization.None)
        {
            return asked;
        }

        return asked == Quantization.None || asked == stored
            ? stored
            : throw new ArgumentException(
                $"Quantization is {asked}, but the checkpoint is stored in {stored}; leave " +
                "ModelOptions.Quantization (--quantize) unset, or take the checkpoint that it was made from.");
    }

    /// <summary>Whether weights are mapped.</summary>
    /// <remarks>Weights that are rounded are read once: mapped pages would only crowd the memory out.</remarks>
    public MemoryMap Mapping(ModelOptions options) =>
        KeptIn(options.Quantization) == Config.Quantization ? options.MemoryMap : MemoryMap.Never;

    /// <summary>Reads and checks a model's configuration files.</summary>
    /// <exception cref="DenseConnectorException">
    /// A file is missing, malformed, or asks for what is not supported.
    /// </exception>
    public static ModelPlan Read(ModelFolder folder, ModelOptions options)
    {
        if (options.BaseModel is string baseModel && !Directory.Exists(baseModel))
        {
            throw new CheckpointException(baseModel, "is no folder; BaseModel names the language model's folder.");
        }

        ModelConfig config = ConfigReader.ReadModel(folder.Path, options.BaseModel);
        string configFile = Path.Combine(folder.Path, ConfigReader.FileName);
        string tower = FindTower(folder, config, options);
        VisionConfig vision = ConfigReader.ReadVision(tower);
        string towerFile = Path.Combine(tower, ConfigReader.FileName);
        VisionFamily family = VisionRegistry.Find(vision.ModelType) ?? throw new ModelConfigException(
            towerFile,
            $"'model_type' is '{vision.ModelType}', supported are {Quote(VisionRegistry.Names)}.",
            "model_type");
        if (Activations.Find(vision.Activation) is null)
        {
            throw vision.Json.Unsupported("hidden_act", $"'{vision.Activation}'", Activations.Names);
        }

        if (Projector.Depth(config.Connector.Projector) is null)
        {
            throw new ModelConfigException(
                configFile,
                $"'mm_projector_type' is '{config.Connector.Projector}', supported are {Projector.Names}.",
                "mm_projector_type");
        }

        if (!ConnectorRegistry.Names.Contains(config.Connector.Kind))
        {
            throw new ModelConfigException(
                configFile,
                $"'mm_dense_connector_type' is '{config.Connector.Kind}', " +
                $"supported are {Quote(ConnectorRegistry.Names)}.",
                "mm_dense_connector_type");
        }

        CheckPinpoints(config, vision, configFile);
        AuxiliaryPlan? auxiliary = AuxiliaryPlan.Read(folder, config, vision, options);
        ImageProcessorSettings processor = ReadProcessor(folder.Path, tower, vision);
        return new ModelPlan
        {
            Folder = folder,
            BaseModel = options.BaseModel,
            Config = config,
            TowerFolder = tower,
            Vision = vision,
            Family = family,
            LastState = LastFeature(family, config.Connector.SelectLayer, vision, configFile),
            Auxiliary = auxiliary,
            Processor = auxiliary is null ? processor : processor.WithSide(auxiliary.Config.ImageSize),
        };
    }

    private static string FindTower(ModelFolder folder, ModelConfig config, ModelOptions options)
    {
        if (options.VisionTower is string named)
        {
            return Directory.Exists(named)
                ? named
                : throw new CheckpointException(named, "is no folder; VisionTower names the vision tower's folder.");
        }

        if (config.Connector.VisionTower is null)
        {
            return folder.Path;
        }

        return FindInside(folder.Path, config.Connector.VisionTower)
            ?? throw new ModelConfigException(
                Path.Combine(folder.Path, ConfigReader.FileName),
                $"'mm_vision_tower' names '{config.Connector.VisionTower}', no folder inside the checkpoint. " +
                "Set ModelOptions.VisionTower (--vision-tower) to the folder that holds the tower's config.json.",
                "mm_vision_tower");
    }

    private static void CheckPinpoints(ModelConfig config, VisionConfig vision, string configFile)
    {
        foreach ((int width, int height) in config.GridPinpoints)
        {
            if (width % vision.ImageSize != 0 || height % vision.ImageSize != 0)
            {
                throw new ModelConfigException(
                    configFile,
                    $"'image_grid_pinpoints' has {width}x{height}, no multiple of the vision tower's " +
                        $"{vision.ImageSize} pixels.",
                    "image_grid_pinpoints");
            }
        }
    }

    /// <summary>
    /// The folder a configuration names inside its own, or <c>null</c>: it is not trusted to point outside.
    /// </summary>
    internal static string? FindInside(string folder, string name)
    {
        if (name.Contains('\0', StringComparison.Ordinal))
        {
            return null; // JSON can spell it, no file system can.
        }

        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
        string inside = Path.GetFullPath(Path.Combine(root, name));
        return inside.StartsWith(root, StringComparison.Ordinal) && inside.Length > root.Length &&
            Directory.Exists(inside) ? inside : null;
    }

    private static ImageProcessorSettings ReadProcessor(string checkpoint, string tower, VisionConfig vision)
    {
        // The official loader takes the tower's; a checkpoint alone may hold a copy.
        string folder = File.Exists(Path.Combine(tower, ImageProcessorSettings.FileName)) ? tower : checkpoint;
        ImageProcessorSettings settings = ImageProcessorSettings.Load(folder);
        return settings.Output == new PixelSize(vision.ImageSize, vision.ImageSize)
            ? settings
            : throw new ModelConfigException(
                Path.Combine(folder, ImageProcessorSettings.FileName),
                $"prepares pictures of {settings.Output.Width}x{settings.Output.Height} pixels, " +
                $"but the vision tower reads {vision.ImageSize}x{vision.ImageSize} ('image_size').");
    }

    private static int LastFeature(VisionFamily family, int select, VisionConfig vision, string configFile)
    {
        int state = family.LastState(vision, select);
        return state >= 0 && state <= vision.Layers
            ? state
            : throw new ModelConfigException(
                configFile,
                $"'mm_vision_select_layer' is {select}, but the vision tower has {vision.Layers} layers.",
                "mm_vision_select_layer");
    }

    private static string Quote(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
