using System.Text.Json;
using Spectre.Console;

namespace DenseConnector.Cli.Chatting;

/// <summary>
/// Reads a dialogue's lines and answers them: answers go to the output, all else to the error stream.
/// </summary>
/// <param name="dialogue">The dialogue.</param>
/// <param name="interrupts">What Ctrl+C does.</param>
/// <param name="input">The user's lines; its end ends the dialogue.</param>
/// <param name="output">Gets the answers.</param>
/// <param name="error">Gets notices and errors.</param>
internal sealed class ChatSession(
    Dialogue dialogue, Interrupts interrupts, TextReader input, TextWriter output, TextWriter error)
{
    private const string Help =
        """
        /image FILE   show a picture with the next question; may be given several times
        /reset        forget what was said and shown
        /help         show this
        /exit         end the dialogue, as Ctrl+D does
        Ctrl+C stops an answer; a second one ends the dialogue.
        """;

    private readonly bool _isTyped = Terminal.IsTyped(input);
    private bool _hasFailed;

    /// <summary>How pictures are read.</summary>
    public ImageOptions Images { get; init; } = new();

    /// <summary>Whether an answer is a line of JSON.</summary>
    public bool PrintsJson { get; init; }

    /// <summary>Whether each answer's figures are printed.</summary>
    public bool PrintsStatistics { get; init; }

    /// <summary>
    /// Answers until the end, and returns an <see cref="ExitCode"/>: a failure if lines were piped in and one of them
    /// failed.
    /// </summary>
    /// <exception cref="OperationCanceledException">Ctrl+C was pressed twice.</exception>
    public async Task<int> RunAsync()
    {
        while (await ReadAsync() is string line && line != "/exit")
        {
            try
            {
                await AnswerAsync(line);
            }
            catch (OperationCanceledException) when (!interrupts.End.IsCancellationRequested)
            {
                await output.WriteLineAsync();
            }
            catch (Exception e) when (e is InvalidImageException or ContextLengthException or ArgumentException)
            {
                _hasFailed = true;
                string remedy = e is ContextLengthException ? " /reset begins anew." : string.Empty;
                await error.WriteLineAsync(e.Message + remedy);
            }
        }

        return _hasFailed && !_isTyped ? ExitCode.Failure : ExitCode.Success;
    }

    /// <summary>The next line that is not empty; <c>null</c> at the end.</summary>
    private async Task<string?> ReadAsync()
    {
        while (true)
        {
            ShowPrompt();

            // Reading cannot be cancelled: a reader that nobody waits for ends with the process.
            Task<string?> reading = Task.Run(input.ReadLine);
            try
            {
                await reading.WaitAsync(interrupts.Stop);
            }
            catch (OperationCanceledException)
            {
                if (!interrupts.End.IsCancellationRequested)
                {
                    await error.WriteLineAsync("Ctrl+C again, Ctrl+D or /exit ends the dialogue.");
                    ShowPrompt();
                }

                await reading.WaitAsync(interrupts.End);
            }

            interrupts.Rearm();
            string? line = (await reading)?.Trim();
            if (line is null || line.Length > 0)
            {
                return line;
            }
        }
    }

    private void ShowPrompt()
    {
        if (_isTyped && Terminal.IsSeen(output))
        {
            AnsiConsole.Console.Markup("[bold]>[/] ");
        }
    }

    private async Task AnswerAsync(string line)
    {
        string[] words = line.Split(' ', 2, StringSplitOptions.TrimEntries);
        switch (words[0])
        {
            case "/help":
                await error.WriteLineAsync(Help);
                break;
            case "/reset":
                dialogue.Reset();
                break;
            case "/image" when words.Length == 2:
                string file = words[1].Trim('"', '\'');
                dialogue.Show(await ImageInput.LoadAsync(file, Images, interrupts.Stop));
                break;
            case "/image":
                throw new ArgumentException("/image needs a file: /image FILE.");
            case ['/', ..]:
                throw new ArgumentException($"There is no command '{words[0]}'; /help shows what there is.");
            default:
                await AskAsync(line);
                break;
        }
    }

    private async Task AskAsync(string question)
    {
        AnswerMeter meter = new();
        IAsyncEnumerable<GenerationUpdate> updates = meter.Watch(dialogue.AskAsync(question, interrupts.Stop));
        if (PrintsJson)
        {
            GenerationResult result = await DenseConnectorModel.CollectAsync(updates);
            await output.WriteLineAsync(JsonSerializer.Serialize(
                new Answer(question, result.Text, result.FinishReason, result.Usage), ToolJson.Line));
        }
        else
        {
            await foreach (GenerationUpdate update in updates)
            {
                await output.WriteAsync(update.Text);
                await output.FlushAsync();
            }

            await output.WriteLineAsync();
        }

        if (PrintsStatistics)
        {
            meter.Print(error);
        }
    }

    /// <summary>A line of JSON.</summary>
    private sealed record Answer(string Question, string Text, FinishReason FinishReason, TokenUsage Usage);
}
