using System.ClientModel;
using System.CommandLine;
using Microsoft.Extensions.AI;
using OpenAI;

namespace DenseConnector.Cli.Commands;

/// <summary>The options that say which model judges answers.</summary>
internal sealed class JudgeArguments
{
    private const string KeyVariable = "OPENAI_API_KEY";

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
        Description = $"The OpenAI-compatible server of the judge; its key is in {KeyVariable}.",
        HelpName = "address",
    };

    private readonly Option<string?> _model = new("--judge-model")
    {
        Description = "The judge's name; the official script's by default.",
        HelpName = "model",
        Validators = { Parsing.RequireText },
    };

    private readonly Option<int> _concurrency =
        Parsing.NumberOption("--judge-concurrency", "Requests to the judge at once.", 4);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_url);
        command.Options.Add(_model);
        command.Options.Add(_concurrency);
    }

    /// <summary>The judge's name; <c>null</c> for the official one.</summary>
    public string? ReadModel(ParseResult parsed) => parsed.GetValue(_model);

    /// <summary>How many requests the judge gets at once.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public int ReadConcurrency(ParseResult parsed)
    {
        int concurrency = parsed.GetValue(_concurrency);
        Parsing.RequirePositive(_concurrency.Name, concurrency);
        return concurrency;
    }

    /// <summary>The judge; <c>null</c> if none was named.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">Its name.</param>
    public IChatClient? Connect(ParseResult parsed, string model)
    {
        if (parsed.GetValue(_url) is not Uri url)
        {
            return null;
        }

        // A server of one's own may want no key, but the client wants a text.
        string key = Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } set ? set : "none";
        OpenAIClient client = new(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = url });
        return client.GetChatClient(model).AsIChatClient();
    }
}
