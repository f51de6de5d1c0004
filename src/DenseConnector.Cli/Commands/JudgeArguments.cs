using System.CommandLine;
using DenseConnector.Cli.Evaluation.Judging;
using Microsoft.Extensions.AI;

namespace DenseConnector.Cli.Commands;

/// <summary>The options that say which model judges answers.</summary>
internal sealed class JudgeArguments
{
    private readonly Option<Uri?> _url = new("--judge-url")
    {
        CustomParser = result =>
        {
            string word = result.Tokens[0].Value;
            if (!Uri.TryCreate(word, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
            {
                result.AddError($"--judge-url is '{word}', expected an address like https://host/v1");
            }

            return url;
        },
        Description = $"The OpenAI-compatible server of the judge; its key is in {JudgeServer.KeyVariable}.",
        HelpName = "address",
    };

    private readonly Option<string?> _model = new("--judge-model")
    {
        Description = "The judge's name; the official script's by default.",
        HelpName = "model",
        Validators = { Parsing.RequireText },
    };

    private readonly Option<int> _concurrency = new("--judge-concurrency")
    {
        CustomParser = Parsing.Positive,
        Description = "Requests to the judge at once.",
        DefaultValueFactory = _ => 4,
        HelpName = "number",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_url);
        command.Options.Add(_model);
        command.Options.Add(_concurrency);
    }

    /// <summary>The judge's name; <c>null</c> for the official one.</summary>
    public string? ReadModel(ParseResult parsed) => parsed.GetValue(_model);

    /// <summary>How many requests the judge gets at once, at least 1.</summary>
    public int ReadConcurrency(ParseResult parsed) => parsed.GetValue(_concurrency);

    /// <summary>The judge; <c>null</c> if none was named.</summary>
    /// <exception cref="ArgumentException">Its key cannot be one.</exception>
    public IChatClient? Connect(ParseResult parsed) => parsed.GetValue(_url) is Uri url
        ? new JudgeServer(url, Environment.GetEnvironmentVariable(JudgeServer.KeyVariable) ?? string.Empty)
        : null;
}
