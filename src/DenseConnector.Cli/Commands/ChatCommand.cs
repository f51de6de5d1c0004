using System.CommandLine;
using DenseConnector.Cli.Chatting;

namespace DenseConnector.Cli.Commands;

/// <summary><c>denseconnector chat</c>: a dialogue about pictures, typed or piped in.</summary>
internal sealed class ChatCommand
{
    /// <summary>The command's word.</summary>
    public const string Name = "chat";

    private readonly Option<string[]> _images = new("--image", "-i")
    {
        Description = "A picture to show with the first question; give it again for each further picture.",
        HelpName = "file",
        Validators = { Parsing.RequireText },
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> _applyExif = new("--apply-exif")
    {
        Description = "Turn pictures as their EXIF orientation says (the reference code does not).",
    };

    private readonly Option<string?> _system = new("--system")
    {
        Description = "What the model is told first, in place of its prompt template's system text.",
        HelpName = "text",
        Validators = { Parsing.RequireText },
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print each answer as one JSON object on a line instead of streaming text.",
    };

    private readonly Option<bool> _stats = new("--stats")
    {
        Description = "Print token counts and speed to the error stream, behind each answer.",
    };

    private readonly LoadArguments _model = new();
    private readonly GenerationArguments _generation = new();
    private readonly TextReader _input;

    private ChatCommand(TextReader input) => _input = input;

    /// <summary>Makes the command.</summary>
    /// <param name="input">Gives the user's lines.</param>
    public static Command Create(TextReader input)
    {
        ChatCommand chat = new(input);
        Command command = new(Name, "Talk about pictures, line by line; /help in the dialogue shows its commands.")
        {
            chat._images, chat._applyExif, chat._system, chat._json, chat._stats,
        };
        chat._model.AddTo(command);
        chat._generation.AddTo(command);
        command.SetAction((parsed, _) => chat.RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        using Interrupts interrupts = new();
        ImageOptions imageOptions = new() { ApplyExifOrientation = parsed.GetValue(_applyExif) };
        List<ImageInput> images = [];
        foreach (string file in parsed.GetValue(_images) ?? [])
        {
            images.Add(await ImageInput.LoadAsync(file, imageOptions, interrupts.Stop));
        }

        GenerationOptions generation = _generation.Read(parsed);
        await using DenseConnectorModel model = await _model.LoadAsync(parsed, interrupts.Stop);
        Dialogue dialogue = new(model, parsed.GetValue(_system), generation);
        images.ForEach(dialogue.Show);
        ChatSession session = new(
            dialogue, interrupts, _input, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error)
        {
            Images = imageOptions,
            PrintsJson = parsed.GetValue(_json),
            PrintsStatistics = parsed.GetValue(_stats),
        };
        return await session.RunAsync();
    }
}
