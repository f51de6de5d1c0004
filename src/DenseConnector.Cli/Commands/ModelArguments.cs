using System.CommandLine;
using DenseConnector.Text;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// The options that say which model is loaded and how; the same for every command that takes a model.
/// </summary>
internal sealed class ModelArguments
{
    /// <summary>The model that comes with the tool.</summary>
    public const string Bundled = "dense-connector-tiny";

    private readonly Option<string?> _tower = new("--vision-tower")
    {
        Description = "Folder or repository of the vision tower, in place of the one that config.json names.",
        HelpName = "folder",
        Validators = { Parsing.RequireText },
    };

    private readonly Option<string?> _auxiliaryTower = new("--auxiliary-vision-tower")
    {
        Description =
            "Folder or repository of a Mini-Gemini model's high-resolution tower, where its weights are elsewhere.",
        HelpName = "folder",
        Validators = { Parsing.RequireText },
    };

    private readonly Option<string?> _baseModel = new("--base-model")
    {
        Description =
            "Folder or repository of the language model, where the checkpoint is a projector or a LoRA adapter alone.",
        HelpName = "folder",
    };

    private readonly Option<string?> _template = new("--template")
    {
        Description = $"Prompt template the model was trained with: {string.Join(", ", PromptTemplate.Names)}.",
        HelpName = "name",
        Validators = { Parsing.RequireText },
    };

    private readonly Option<string> _device = new("--device")
    {
        Description = "Where the model runs: auto, cpu, cuda or cuda:N.",
        DefaultValueFactory = _ => "auto",
        HelpName = "device",
    };

    private readonly Option<Precision> _precision = new("--precision")
    {
        Description = "Number format the model is computed in.",
        DefaultValueFactory = _ => Precision.Auto,
        CustomParser = Parsing.Choice<Precision>,
        HelpName = Parsing.Choices<Precision>(),
    };

    private readonly Option<Quantization> _quantization = new("--quantize")
    {
        Description = "Format the language model's matrices are kept in; on a CPU only.",
        DefaultValueFactory = _ => Quantization.None,
        CustomParser = Parsing.Choice<Quantization>,
        HelpName = Parsing.Choices<Quantization>(),
    };

    private readonly Option<VisionWeights> _visionWeights = new("--vision-weights")
    {
        Description = "Where the vision tower's weights are read from.",
        DefaultValueFactory = _ => VisionWeights.Auto,
        CustomParser = Parsing.Choice<VisionWeights>,
        HelpName = Parsing.Choices<VisionWeights>(),
    };

    private readonly Option<bool> _noMemoryMap = new("--no-memory-map")
    {
        Description = "Copy all weights into memory, so that the model's files may change while it runs.",
    };

    private readonly HubArguments _hub = new();

    /// <summary>Adds the options that say which files are read to a command that runs no model.</summary>
    public void AddFilesTo(Command command)
    {
        command.Options.Add(_tower);
        command.Options.Add(_auxiliaryTower);
        command.Options.Add(_visionWeights);
        command.Options.Add(_baseModel);
        command.Options.Add(_template);
        _hub.AddTo(command);
    }

    /// <summary>Adds the options that say in which form the weights are in memory.</summary>
    public void AddFormatTo(Command command)
    {
        command.Options.Add(_precision);
        command.Options.Add(_quantization);
        command.Options.Add(_noMemoryMap);
    }

    /// <summary>Adds all options to a command.</summary>
    public void AddTo(Command command)
    {
        AddFilesTo(command);
        command.Options.Add(_device);
        AddFormatTo(command);
    }

    /// <summary>The options as the library takes them; those the command does not have keep their defaults.</summary>
    public ModelOptions Read(ParseResult parsed) => new()
    {
        VisionTower = parsed.GetValue(_tower),
        AuxiliaryVisionTower = parsed.GetValue(_auxiliaryTower),
        VisionWeights = parsed.GetValue(_visionWeights),
        BaseModel = parsed.GetValue(_baseModel),
        PromptTemplate = parsed.GetValue(_template),
        Device = parsed.GetValue(_device) ?? "auto",
        Precision = parsed.GetValue(_precision),
        Quantization = parsed.GetValue(_quantization),
        MemoryMap = parsed.GetValue(_noMemoryMap) ? MemoryMap.Never : MemoryMap.Auto,
        Hub = _hub.Read(parsed),
    };
}
