using DenseConnector.Cli.Chatting;

namespace DenseConnector.Cli.Tests.Chatting;

public sealed class ChatSessionTests : IDisposable
{
    private readonly Interrupts _interrupts = new();
    private readonly StringWriter _error = new();

    [Fact]
    public async Task RunAsync_InterruptInAnAnswer_KeepsItAsFarAsItCameAndGoesOn()
    {
        using InterruptingWriter output = new(_interrupts, piece: 3);

        int code = await TalkAsync(output, ToolRun.Question, ToolRun.Question);

        Assert.Equal(ExitCode.Success, code);
        string[] answers = output.ToString().TrimEnd().Split(Environment.NewLine);
        Assert.Equal(2, answers.Length);
        Assert.StartsWith(answers[0], ToolRun.Answer, StringComparison.Ordinal);
        Assert.NotEqual(ToolRun.Answer, answers[0]);
        Assert.NotEmpty(answers[1]);
    }

    [Fact]
    public async Task RunAsync_TwoInterruptsInAnAnswer_EndsTheDialogue()
    {
        using InterruptingWriter output = new(_interrupts, piece: 2, times: 2);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => TalkAsync(output, ToolRun.Question, ToolRun.Question));

        Assert.Single(output.ToString().TrimEnd().Split(Environment.NewLine));
    }

    public void Dispose()
    {
        _interrupts.Dispose();
        _error.Dispose();
    }

    private async Task<int> TalkAsync(TextWriter output, params string[] lines)
    {
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(ToolRun.TinyModel);
        Dialogue dialogue = new(model, null, new GenerationOptions());
        dialogue.Show(await ImageInput.LoadAsync(ToolRun.Picture));
        using StringReader input = new(string.Join('\n', lines));
        return await new ChatSession(dialogue, _interrupts, input, output, _error).RunAsync();
    }

    /// <summary>Presses Ctrl+C when a piece of an answer is written.</summary>
    private sealed class InterruptingWriter(Interrupts interrupts, int piece, int times = 1) : StringWriter
    {
        private int _pieces;

        public override Task WriteAsync(string? value)
        {
            if (++_pieces == piece)
            {
                for (int i = 0; i < times; i++)
                {
                    interrupts.Press();
                }
            }

            return base.WriteAsync(value);
        }
    }
}
