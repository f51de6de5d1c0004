using System.CommandLine;

namespace DenseConnector.Cli.Commands;

/// <summary>The options that say how an answer is made; defaults are the library's.</summary>
internal sealed class GenerationArguments
{
    private static readonly GenerationOptions Defaults = new();

    private readonly Option<int> _maxNewTokens =
        Parsing.NumberOption("--max-new-tokens", "The most tokens to answer with.", Defaults.MaxNewTokens);

    private readonly Option<float> _temperature =
        Parsing.NumberOption("--temperature", "0 always takes the most likely token.", Defaults.Temperature);

    private readonly Option<float> _topP =
        Parsing.NumberOption("--top-p", "Draw among the most likely tokens up to this probability.", Defaults.TopP);

    private readonly Option<int> _topK =
        Parsing.NumberOption("--top-k", "Draw among this many most likely tokens; 0 for all.", Defaults.TopK);

    private readonly Option<float> _minP =
        Parsing.NumberOption("--min-p", "Draw among tokens this likely relative to the best.", Defaults.MinP);

    private readonly Option<float> _repetitionPenalty = Parsing.NumberOption(
        "--repetition-penalty", "Above 1, tokens already used become less likely.", Defaults.RepetitionPenalty);

    private readonly Option<int> _beams = Parsing.NumberOption(
        "--beams", "Follow this many answers and give the most likely one, at the end.", Defaults.Beams);

    private readonly Option<long?> _seed = new("--seed")
    {
        CustomParser = result => Parsing.Number<long>(result),
        Description = "Makes sampling repeatable.",
        HelpName = "number",
    };

    private readonly Option<string[]> _stop = new("--stop")
    {
        Description = "Text that ends the answer; give it again for each further text.",
        HelpName = "text",
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_maxNewTokens);
        command.Options.Add(_temperature);
        command.Options.Add(_topP);
        command.Options.Add(_topK);
        command.Options.Add(_minP);
        command.Options.Add(_repetitionPenalty);
        command.Options.Add(_beams);
        command.Options.Add(_seed);
        command.Options.Add(_stop);
    }

    /// <summary>The options as the library takes them.</summary>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public GenerationOptions Read(ParseResult parsed) => new()
    {
        MaxNewTokens = parsed.GetValue(_maxNewTokens),
        Temperature = parsed.GetValue(_temperature),
        TopP = parsed.GetValue(_topP),
        TopK = parsed.GetValue(_topK),
        MinP = parsed.GetValue(_minP),
        RepetitionPenalty = parsed.GetValue(_repetitionPenalty),
        Beams = parsed.GetValue(_beams),
        Seed = parsed.GetValue(_seed),
        StopSequences = parsed.GetValue(_stop) ?? [],
    };
}
