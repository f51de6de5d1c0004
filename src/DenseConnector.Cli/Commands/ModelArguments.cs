using System.CommandLine;

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
        Description = "Folder of the vision tower, where config.json names one outside the checkpoint.",
        HelpName = "folder",
    };

    private readonly Option<string?> _baseModel = new("--base-model")
    {
        Description = "Folder of the language model, where the checkpoint is a projector or a LoRA adapter alone.",
        HelpName = "folder",
    };

    private readonly Option<string?> _template = new("--template")
    {
        Description = "Prompt template the model was trained with, for example vicuna_v1.",
        HelpName = "name",
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
    };

    private readonly Option<VisionWeights> _visionWeights = new("--vision-weights")
    {
        Description = "Where the vision tower's weights are read from.",
        DefaultValueFactory = _ => VisionWeights.Auto,
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_tower);
        command.Options.Add(_visionWeights);
        command.Options.Add(_baseModel);
        command.Options.Add(_template);
        command.Options.Add(_device);
        command.Options.Add(_precision);
    }

    /// <summary>The options as the library takes them.</summary>
    public ModelOptions Read(ParseResult parsed) => new()
    {
        VisionTower = parsed.GetValue(_tower),
        VisionWeights = parsed.GetValue(_visionWeights),
        BaseModel = parsed.GetValue(_baseModel),
        PromptTemplate = parsed.GetValue(_template),
        Device = parsed.GetValue(_device)!,
        Precision = parsed.GetValue(_precision),
    };
}
