using System.Diagnostics;
using System.Text.Json;
using DenseConnector.Cli.Tests.Evaluation;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Commands;

/// <summary>The options of <c>eval</c>, each seen in what the run leaves.</summary>
[Trait("Suite", "Evaluation")]
public sealed class EvaluateOptionsTests : IDisposable
{
    private static readonly int All = Goldens.Rows(Goldens.Find("vizwiz"), "prompts.jsonl").Count;

    private readonly TemporaryFolder _output = new();

    private string Answers => Path.Combine(_output.Path, "answers.jsonl");

    [Theory]
    [InlineData("temperature", "0.5", "--temperature", "0.5")]
    [InlineData("beams", "2", "--beams", "2")]
    [InlineData("seed", "7", "--seed", "7")]
    [InlineData("maxNewTokens", "3", "--max-new-tokens", "3")]
    public async Task Eval_Generation_IsRecordedAndNotOfficial(string field, string value, params string[] options)
    {
        JsonElement official = await RecordAsync("vizwiz");
        Directory.Delete(_output.Path, recursive: true);

        JsonElement record = await RecordAsync("vizwiz", options);

        Assert.True(official.GetProperty("isOfficial").GetBoolean());
        Assert.NotEqual(value, official.GetProperty(field).GetRawText());
        Assert.Equal(value, record.GetProperty(field).GetRawText());
        Assert.False(record.GetProperty("isOfficial").GetBoolean());
    }

    [Theory]
    [InlineData(1f, 5)]
    [InlineData(0f, 1, "--greedy")]
    [InlineData(0f, 2, "--greedy", "--beams", "2")]
    [InlineData(0.25f, 1, "--greedy", "--temperature", "0.25")]
    public async Task Eval_Greedy_ReplacesTheOfficialDrawing(float temperature, int beams, params string[] options)
    {
        JsonElement record = await RecordAsync("mmmu", options);

        Assert.Equal(
            (temperature, beams),
            (record.GetProperty("temperature").GetSingle(), record.GetProperty("beams").GetInt32()));
        Assert.Equal(options.Length == 0, record.GetProperty("isOfficial").GetBoolean());
    }

    [Fact]
    public async Task Eval_Seed_DrawsTheSameAnswersAgainAndOthersByAnother()
    {
        string[] first = await TextsAsync("--temperature", "2", "--seed", "1");
        string[] again = await TextsAsync("--temperature", "2", "--seed", "1");
        string[] other = await TextsAsync("--temperature", "2", "--seed", "2");

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.NotEqual(first, await TextsAsync());
    }

    [Fact]
    public async Task Eval_Beams_GiveOtherAnswers() =>
        Assert.NotEqual(
            await TextsAsync("--temperature", "2", "--seed", "1"),
            await TextsAsync("--temperature", "2", "--seed", "1", "--beams", "4"));

    [Fact]
    public async Task Eval_MaxNewTokens_EndsAnswersSooner()
    {
        string[] whole = await TextsAsync();

        string[] cut = await TextsAsync("--max-new-tokens", "1");

        Assert.All(whole.Zip(cut), pair => Assert.StartsWith(pair.Second, pair.First, StringComparison.Ordinal));
        Assert.Contains(whole.Zip(cut), pair => pair.Second.Length < pair.First.Length);
    }

    [Fact]
    public async Task Eval_BatchOfOne_AsksOneAfterTheOther()
    {
        using Activity own = new Activity("test").Start();
        int running = 0;
        int most = 0;
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == "DenseConnector",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = span => Count(span, 1),
            ActivityStopped = span => Count(span, -1),
        };
        ActivitySource.AddActivityListener(listener);

        await TextsAsync("--batch", "1");

        Assert.Equal((0, 1), (running, most));

        void Count(Activity span, int change)
        {
            if (span.TraceId == own.TraceId)
            {
                running += change;
                most = Math.Max(most, running);
            }
        }
    }

    [Fact]
    public async Task Eval_LimitBelowWhatIsThere_KeepsItAndSaysSo()
    {
        await RunAsync("vizwiz", "--limit", "5");
        byte[] before = File.ReadAllBytes(Answers);

        ToolRun run = await RunAsync("vizwiz", "--limit", "2");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.StartsWith("0 questions answered", run.Error, StringComparison.Ordinal);
        Assert.Contains("5 were answered before", run.Error, StringComparison.Ordinal);
        Assert.Contains($"5 of {All} questions have an answer", run.Output, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Answers));
    }

    [Fact]
    public async Task Eval_LimitBelowAGap_LeavesTheGap()
    {
        await RunAsync("vizwiz", "--limit", "5");
        string[] lines = File.ReadAllLines(Answers);
        File.WriteAllLines(Answers, [lines[0], lines[2], lines[4]]);

        ToolRun run = await RunAsync("vizwiz", "--limit", "3");

        Assert.Contains("1 questions answered", run.Error, StringComparison.Ordinal);
        Assert.Equal([lines[0], lines[1], lines[2], lines[4]], File.ReadLines(Answers));
    }

    [Fact]
    public async Task Eval_LimitAboveAll_AsksAll()
    {
        ToolRun run = await RunAsync("vizwiz", "--limit", "1000", "--max-new-tokens", "1");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Equal(All, File.ReadLines(Answers).Count());
    }

    [Fact]
    public async Task Eval_Json_IsOneObjectOfWhatIsKept()
    {
        ToolRun run = await RunAsync("vizwiz", "--limit", "1", "--json");

        Assert.Equal(File.ReadAllText(Path.Combine(_output.Path, "scores.json")), run.Output);
        JsonElement result = JsonElement.Parse(run.Output);
        Assert.Equal("vizwiz", result.Text("benchmark"));
        Assert.Equal((All, 1), (
            result.GetProperty("questions").GetInt32(), result.GetProperty("answered").GetInt32()));
    }

    [Theory]
    [InlineData("--limit is 0, expected at least 1", "--limit", "0")]
    [InlineData("--limit is -3, expected at least 1", "--limit", "-3")]
    [InlineData("--limit is 'all', expected a whole number", "--limit", "all")]
    [InlineData("--batch is 0, expected at least 1", "--batch", "0")]
    [InlineData("--batch is 'x', expected a whole number", "--batch", "x")]
    [InlineData("--num-chunks is 0, expected at least 1", "--num-chunks", "0")]
    [InlineData("--num-chunks is 'two', expected a whole number", "--num-chunks", "two")]
    [InlineData("There is no chunk 3 of 3; expected 0 to 2", "--num-chunks", "3", "--chunk-idx", "3")]
    [InlineData("There is no chunk -1 of 3; expected 0 to 2", "--num-chunks", "3", "--chunk-idx", "-1")]
    [InlineData("There is no chunk 1 of 1; expected 0 to 0", "--chunk-idx", "1")]
    [InlineData("--chunk-idx is '1.5', expected a whole number", "--chunk-idx", "1.5")]
    [InlineData("--temperature is 'warm', expected a number", "--temperature", "warm")]
    [InlineData("Temperature is -1", "--temperature", "-1")]
    [InlineData("--beams is '2.5', expected a whole number", "--beams", "2.5")]
    [InlineData("Beams is 0", "--beams", "0")]
    [InlineData("--seed is 'me', expected a whole number", "--seed", "me")]
    [InlineData("--max-new-tokens is '', expected a whole number", "--max-new-tokens", "")]
    [InlineData("MaxNewTokens is 0", "--max-new-tokens", "0")]
    public async Task Eval_WrongValue_IsRefused(string error, params string[] options)
    {
        ToolRun run = await RunAsync("vizwiz", [.. options, "--model", "/nowhere"]);

        run.FailedWith(ExitCode.Usage, error);
        Assert.Empty(Directory.GetFiles(_output.Path));
    }

    [Fact]
    public async Task Eval_ChunkWithoutQuestions_IsRefused()
    {
        // Two questions for each chunk leave the later ones none.
        int chunks = All - 1;

        ToolRun run = await RunAsync("vizwiz", "--num-chunks", $"{chunks}", "--chunk-idx", $"{chunks - 1}");

        run.FailedWith(
            ExitCode.Usage,
            $"Chunk {chunks - 1} of {chunks} is empty: {All} questions fill only {(All + 1) / 2} chunks");
    }

    [Fact]
    public async Task Eval_ImagesThatAreNowhere_AreNamed()
    {
        ToolRun run = await ToolRun.RunAsync([
            "eval", "vizwiz", "--data", EvaluationData.File("vizwiz"), "--images", "/nowhere/pictures",
            "--output", _output.Path]);

        run.FailedWith(ExitCode.Failure, "no folder '/nowhere/pictures'");
    }

    [Fact]
    public async Task Score_NoChunk_IsRefused()
    {
        ToolRun run = await ToolRun.RunAsync([
            "eval", "score", "vizwiz", "--data", EvaluationData.File("vizwiz"), "--images", EvaluationData.Images,
            "--output", _output.Path, "--num-chunks", "0"]);

        run.FailedWith(ExitCode.Usage, "--num-chunks is 0, expected at least 1");
    }

    public void Dispose() => _output.Dispose();

    private async Task<JsonElement> RecordAsync(string name, params string[] options)
    {
        ToolRun run = await RunAsync(name, ["--limit", "1", .. options]);
        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.ExitCode == ExitCode.Success ? "" : run.Error));
        return JsonElement.Parse(File.ReadAllText(Path.Combine(_output.Path, "run.json")));
    }

    /// <summary>The first answers of a run of its own.</summary>
    private async Task<string[]> TextsAsync(params string[] options)
    {
        Directory.Delete(_output.Path, recursive: true);
        ToolRun run = await RunAsync("vizwiz", ["--limit", "8", .. options]);
        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.ExitCode == ExitCode.Success ? "" : run.Error));
        return [.. File.ReadLines(Answers).Select(line => JsonElement.Parse(line).Text("text"))];
    }

    private Task<ToolRun> RunAsync(string name, params string[] options) => ToolRun.RunAsync([
        "eval", name, "--data", EvaluationData.File(name), "--images", EvaluationData.Images,
        "--output", _output.Path, "--precision", "float32", .. options]);
}
