using System.CommandLine;
using System.Numerics;
using DenseConnector.Cli.Serving;
using DenseConnector.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DenseConnector.Cli.Commands;

/// <summary>
/// <c>denseconnector serve</c>: a model behind OpenAI's chat interface, and a web page to ask it about pictures.
/// </summary>
internal sealed class ServeCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "serve";

    private const string KeyVariable = "DENSECONNECTOR_API_KEY";

    private static readonly ServerLimits Defaults = new();

    private readonly Option<string> _urls = new("--urls")
    {
        Description = "Addresses to listen at, semicolons between them.",
        DefaultValueFactory = _ => "http://127.0.0.1:5000",
        HelpName = "urls",
        Validators = { Parsing.RequireText },
    };

    private readonly Option<string?> _apiKey = new("--api-key")
    {
        Description = $"Key that requests must have. Better in {KeyVariable}: a command line is seen by all users.",
        HelpName = "key",
        Validators = { Parsing.RequireText },
    };

    private readonly Option<string> _model = new("--model", "-m")
    {
        Description = "Folder of a checkpoint, a name of the catalog, or a repository (owner/name).",
        DefaultValueFactory = _ => ModelArguments.Bundled,
        HelpName = "model",
        Validators = { Parsing.RequireText },
    };

    private readonly Option<string[]> _allowedHosts = new("--allowed-host")
    {
        Description = "Name by which the server may be called, besides loopback ones; give it again for each.",
        HelpName = "name",
        Validators = { Parsing.RequireText },
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string[]> _imageHosts = new("--image-host")
    {
        Description = "Host whose https: pictures are fetched (none, if not given); give it again for each.",
        HelpName = "name",
        Validators = { Parsing.RequireText },
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<int> _concurrency =
        Parsing.NumberOption("--max-concurrency", "Requests answered at once.", new ModelOptions().MaxConcurrency);

    private readonly Option<int> _waiting =
        Parsing.NumberOption("--max-waiting", "Requests that wait; further ones get 429.", Defaults.MaxWaiting);

    private readonly Option<long> _bodyBytes =
        Parsing.NumberOption(
            "--max-body-bytes", "Bytes of a request's body, and of a fetched picture.",
            Defaults.MaxBodyBytes);

    private readonly Option<int> _images =
        Parsing.NumberOption("--max-images", "Pictures of a request.", Defaults.MaxImages);

    private readonly Option<long> _pixels =
        Parsing.NumberOption("--max-pixels", "Pixels of a picture.", Defaults.MaxPixels);

    private readonly Option<int> _answers =
        Parsing.NumberOption("--max-answers", "Answers to a request (n).", Defaults.MaxAnswers);

    private readonly Option<int> _newTokens =
        Parsing.NumberOption("--max-new-tokens", "Tokens of an answer.", Defaults.MaxNewTokens);

    private readonly Option<int> _drain =
        Parsing.NumberOption("--drain-seconds", "Time that answers may take to finish at SIGTERM or Ctrl+C.", 30);

    private readonly ModelArguments _modelOptions = new();

    private ServeCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        ServeCommand serve = new();
        Command command = new(Name, "Serve a model: OpenAI's chat interface, and a web page.")
        {
            serve._urls, serve._apiKey, serve._model, serve._allowedHosts, serve._imageHosts, serve._concurrency,
            serve._waiting, serve._bodyBytes, serve._images, serve._pixels, serve._answers, serve._newTokens,
            serve._drain,
        };
        serve._modelOptions.AddTo(command);
        command.SetAction(serve.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ServerSettings settings = Read(parsed);
        await using WebApplication app = Server.Create(settings, AddLog);
        if (settings is { IsLoopback: false, ApiKey: null })
        {
            ServingLog.NoKey(app.Services.GetRequiredService<ILogger<ServeCommand>>(), KeyVariable);
        }

        SharedModel shared = app.Services.GetRequiredService<SharedModel>();
        CancellationToken stopping = app.Lifetime.ApplicationStopping;
        await DownloadDisplay.RunAsync(parsed.InvocationConfiguration.Error, async progress =>
        {
            LoadDownloads downloads = new(progress);
            shared.Progress = downloads;
            await app.StartAsync(cancellation);

            // No longer than there are downloads: bars would be drawn over what the log says next.
            return await Task.WhenAny(downloads.Ended, shared.GetAsync(stopping));
        });
        DenseConnectorModel model = await LoadAsync(shared, stopping);
        await parsed.InvocationConfiguration.Output.WriteLineAsync(
            $"{model.Info.ShortName} is ready at {string.Join(", ", app.Urls)} (Ctrl+C ends the server).");
        await app.WaitForShutdownAsync(cancellation);
        return ExitCode.Success;
    }

    private static async Task<DenseConnectorModel> LoadAsync(SharedModel shared, CancellationToken stopping)
    {
        try
        {
            return await shared.GetAsync(stopping);
        }
        catch (OperationCanceledException) when (shared.Load is { IsFaulted: true })
        {
            // A load that fails stops the application; why it failed says more than that it stopped.
            return await shared.Load;
        }
    }

    private ServerSettings Read(ParseResult parsed) => new()
    {
        Model = parsed.GetValue(_model)!,
        ModelOptions = _modelOptions.Read(parsed) with { MaxConcurrency = Positive(parsed, _concurrency) },
        Addresses = ListenAddress.ParseAll(parsed.GetValue(_urls)!),
        ApiKey = parsed.GetValue(_apiKey) ?? KeyOfEnvironment(),
        AllowedHosts = parsed.GetValue(_allowedHosts) ?? [],
        ImageHosts = parsed.GetValue(_imageHosts) ?? [],
        DrainTime = TimeSpan.FromSeconds(Positive(parsed, _drain)),
        Limits = new ServerLimits
        {
            MaxWaiting = parsed.GetValue(_waiting) is >= 0 and int waiting
                ? waiting
                : throw new ArgumentException($"{_waiting.Name} is negative, expected at least 0."),
            MaxBodyBytes = Positive(parsed, _bodyBytes),
            MaxImages = Positive(parsed, _images),
            MaxPixels = Positive(parsed, _pixels),
            MaxAnswers = Positive(parsed, _answers),
            MaxNewTokens = Positive(parsed, _newTokens),
        },
    };

    /// <summary>The variable's value; an empty one counts as none, as an unset one of a shell may be written.</summary>
    private static string? KeyOfEnvironment() =>
        Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key ? key : null;

    /// <summary>The log goes to the error stream: what the server says and warnings of all else.</summary>
    private static void AddLog(IHostApplicationBuilder builder)
    {
        builder.Logging.AddSimpleConsole(format =>
        {
            format.SingleLine = true;
            format.TimestampFormat = "HH:mm:ss ";
        });
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter(nameof(DenseConnector), LogLevel.Information);
    }

    private static T Positive<T>(ParseResult parsed, Option<T> option)
        where T : INumberBase<T>
    {
        T value = parsed.GetValue(option)!;
        return T.IsPositive(value) && !T.IsZero(value)
            ? value
            : throw new ArgumentException(
                FormattableString.Invariant($"{option.Name} is {value}, expected at least 1."));
    }
}
