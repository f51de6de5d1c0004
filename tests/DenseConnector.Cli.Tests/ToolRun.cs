namespace DenseConnector.Cli.Tests;

/// <summary>One run of the tool: what it printed and how it ended.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error, IReadOnlyList<string> Pieces)
{
    public const string Question = "How many things can you see in this picture?";

    /// <summary>The recorded answer to <see cref="Question"/> about <see cref="Picture"/>.</summary>
    public const string Answer = "There are two shapes.";

    /// <summary>The repository's root folder.</summary>
    public static string Root { get; } = FindRoot();

    public static string Picture { get; } =
        Path.Combine(Root, "tests", "Fixtures", "tiny-eval", "images", "ex_000.jpg");

    public static string TinyModel { get; } = Path.Combine(Root, "samples", "models", "dense-connector-tiny");

    /// <summary>Runs the tool in this process.</summary>
    public static Task<ToolRun> RunAsync(params string[] arguments) => RunWithInputAsync(null, arguments);

    /// <summary>Runs the tool in this process, with lines piped in.</summary>
    public static async Task<ToolRun> RunWithInputAsync(string[]? lines, params string[] arguments)
    {
        using PieceWriter output = new();
        using StringWriter error = new();
        using StringReader input = new(string.Join('\n', lines ?? []));
        int exitCode = await Tool.RunAsync(arguments, output, error, input);
        return new ToolRun(exitCode, output.ToString(), error.ToString(), output.Pieces);
    }

    /// <summary>Asks <see cref="Question"/> about <see cref="Picture"/> with further options.</summary>
    public static Task<ToolRun> AskAsync(params string[] options) =>
        RunAsync(["ask", Question, "--image", Picture, .. options]);

    /// <summary>Checks that the run failed with one line for people that holds all of these texts.</summary>
    public void FailedWith(int exitCode, params string[] texts)
    {
        Assert.Equal(exitCode, ExitCode);
        Assert.Empty(Output);
        Assert.StartsWith("denseconnector: ", Error, StringComparison.Ordinal);
        Assert.EndsWith(Environment.NewLine, Error, StringComparison.Ordinal);
        string line = Assert.Single(Error.TrimEnd().Split('\n'));
        Assert.Matches(@"[.)]$", line);
        Assert.DoesNotContain("System.", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", line, StringComparison.Ordinal);
        Assert.All(texts, text => Assert.Contains(text, line, StringComparison.Ordinal));
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "DenseConnector.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }

    /// <summary>Remembers what was written at once, to tell a stream from a whole answer.</summary>
    private sealed class PieceWriter : StringWriter
    {
        public List<string> Pieces { get; } = [];

        public override Task WriteAsync(string? value)
        {
            Pieces.Add(value ?? string.Empty);
            return base.WriteAsync(value);
        }
    }
}
