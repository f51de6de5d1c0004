using System.CommandLine;
using DenseConnector.Cli.Evaluation;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// The options that say which questions of a benchmark are asked and how; defaults are the official ones.
/// </summary>
internal sealed class EvaluationArguments
{
    private readonly Option<string> _data;

    private readonly Option<string?> _images = new("--images")
    {
        Description = "The folder of the pictures, if it is not in the official place.",
        HelpName = "folder",
        Validators = { Parsing.RequireText },
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The folder for answers and scores. The same command goes on with a run that was ended.",
        HelpName = "folder",
        Required = true,
        Validators = { Parsing.RequireText },
    };

    private readonly Option<int> _chunks = Parsing.NumberOption("--num-chunks", "Split the questions among runs.", 1);
    private readonly Option<int> _chunk = Parsing.NumberOption("--chunk-idx", "Which of them this is, from 0.", 0);

    private readonly Option<int?> _limit = new("--limit")
    {
        CustomParser = result => Parsing.Number<int>(result),
        Description = "Ask the first questions only; a later run goes on behind them.",
        HelpName = "number",
    };

    private readonly Option<int> _batch =
        Parsing.NumberOption("--batch", "Questions at once.", new ModelOptions().MaxConcurrency);

    private readonly Option<bool> _greedy = new("--greedy")
    {
        Description = "Always take the most likely token, where the official settings draw (MMMU).",
    };

    private readonly Option<bool> _scoreChoices = new("--score-choices")
    {
        Description =
            "Answer multiple choice by the option that the model finds likeliest. Not the official number.",
    };

    private readonly Option<float?> _temperature = new("--temperature")
    {
        CustomParser = result => Parsing.Number<float>(result),
        Description = "0 always takes the most likely token.",
        HelpName = "number",
    };

    private readonly Option<int?> _beams = new("--beams")
    {
        CustomParser = result => Parsing.Number<int>(result),
        Description = "Follow this many answers and give the most likely one.",
        HelpName = "number",
    };

    private readonly Option<int?> _maxNewTokens = new("--max-new-tokens")
    {
        CustomParser = result => Parsing.Number<int>(result),
        Description = "The most tokens to answer with.",
        HelpName = "number",
    };

    private readonly Option<long?> _seed = new("--seed")
    {
        CustomParser = result => Parsing.Number<long>(result),
        Description = "Where answers are drawn: another number gives other answers.",
        HelpName = "number",
    };

    /// <summary>Makes the options of a benchmark.</summary>
    public EvaluationArguments(Benchmark benchmark)
    {
        IEnumerable<string> files = benchmark.Files.Select(
            file => $"\n  {file.Name}: {file.Content}, from {file.Origin}");
        _data = new Option<string>("--data")
        {
            Description =
                "The benchmark's folder, or the one of all benchmarks ('playground/data/eval'). It holds:" +
                string.Concat(files),
            HelpName = "folder",
            Required = true,
            Validators = { Parsing.RequireText },
        };
    }

    /// <summary>Adds the options that name folders to a command.</summary>
    public void AddFoldersTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_images);
        command.Options.Add(_output);
        command.Options.Add(_chunks);
    }

    /// <summary>Adds all options to a command.</summary>
    public void AddTo(Command command)
    {
        AddFoldersTo(command);
        command.Options.Add(_chunk);
        command.Options.Add(_limit);
        command.Options.Add(_batch);
        command.Options.Add(_greedy);
        command.Options.Add(_scoreChoices);
        command.Options.Add(_temperature);
        command.Options.Add(_beams);
        command.Options.Add(_maxNewTokens);
        command.Options.Add(_seed);
    }

    /// <summary>The data folder.</summary>
    /// <exception cref="IOException">It lacks something.</exception>
    public BenchmarkData ReadData(ParseResult parsed, Benchmark benchmark)
    {
        BenchmarkData data = new(benchmark, parsed.GetValue(_data)!, parsed.GetValue(_images));
        data.Require();
        return data;
    }

    /// <summary>The output folder.</summary>
    public string ReadOutput(ParseResult parsed) => parsed.GetValue(_output)!;

    /// <summary>Among how many runs the questions are split.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public int ReadChunks(ParseResult parsed) => Positive(_chunks.Name, parsed.GetValue(_chunks));

    /// <summary>Which of these runs this is.</summary>
    public int ReadChunk(ParseResult parsed) => parsed.GetValue(_chunk);

    /// <summary>How many questions are asked at most.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public int ReadLimit(ParseResult parsed) => Positive(_limit.Name, parsed.GetValue(_limit) ?? int.MaxValue);

    /// <summary>How many questions are asked at once.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public int ReadBatch(ParseResult parsed) => Positive(_batch.Name, parsed.GetValue(_batch));

    /// <summary>Whether multiple choice is answered by the likeliest option.</summary>
    public bool ReadScoresChoices(ParseResult parsed) => parsed.GetValue(_scoreChoices);

    /// <summary>How answers are made: as officially, but for what the user says.</summary>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public GenerationOptions ReadGeneration(ParseResult parsed, GenerationOptions official)
    {
        GenerationOptions chosen = parsed.GetValue(_greedy) ? official with { Temperature = 0, Beams = 1 } : official;
        return chosen with
        {
            Temperature = parsed.GetValue(_temperature) ?? chosen.Temperature,
            Beams = parsed.GetValue(_beams) ?? chosen.Beams,
            MaxNewTokens = parsed.GetValue(_maxNewTokens) ?? chosen.MaxNewTokens,
            Seed = parsed.GetValue(_seed) ?? chosen.Seed,
        };
    }

    private static int Positive(string option, int value)
    {
        Parsing.RequirePositive(option, value);
        return value;
    }
}
