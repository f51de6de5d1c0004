using System.Text.Json;

namespace DenseConnector.Cli.Tests.Commands;

/// <summary>What <c>bench</c> says; how fast anything is, is not tested.</summary>
public sealed class BenchCommandTests
{
    private static readonly string[] Short = ["--prompt-tokens", "40", "--new-tokens", "3", "--batch", "2"];

    [Fact]
    public async Task Bench_EveryPart_GivesEveryFigure()
    {
        ToolRun run = await ToolRun.RunAsync(["bench", "--json", .. Short]);

        JsonElement report = JsonDocument.Parse(run.Output).RootElement;
        foreach (string figure in new[]
        {
            "limits.readBandwidthGBs", "limits.bf16GemmGflops", "decode.tokensPerSecond", "decode.percentOfBandwidth",
            "prefill.tokensPerSecond", "prefill.percentOfGemmPeak", "vision.milliseconds", "load.seconds",
            "answer.seconds", "answer.secondQuestionSeconds", "batch.tokensPerSecond", "memory.peakBytes",
        })
        {
            JsonElement value = figure.Split('.').Aggregate(report, (part, name) => part.GetProperty(name));
            Assert.True(value.GetDouble() > 0, figure);
        }

        Assert.Equal("dense-connector-tiny", report.GetProperty("model").GetString());
        Assert.Equal(40, report.GetProperty("promptTokens").GetInt32());
        Assert.Equal(2, report.GetProperty("batch").GetProperty("requests").GetInt32());
        Assert.InRange(report.GetProperty("answer").GetProperty("tokens").GetInt32(), 1, 3);
    }

    [Fact]
    public async Task Bench_SomeParts_LeavesTheOthersNull()
    {
        ToolRun run = await ToolRun.RunAsync(["bench", "--json", "--parts", "decode", "vision", .. Short]);

        JsonElement report = JsonDocument.Parse(run.Output).RootElement;
        foreach (string part in new[] { "limits", "prefill", "batch", "answer" })
        {
            Assert.Equal(JsonValueKind.Null, report.GetProperty(part).ValueKind);
        }

        Assert.Equal(64, report.GetProperty("vision").GetProperty("tokens").GetInt32());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("decode").GetProperty("percentOfBandwidth").ValueKind);
    }

    [Fact]
    public async Task Bench_QuantizedForPeople_NamesWhatWasMeasured()
    {
        ToolRun run = await ToolRun.RunAsync(["bench", "--quantize", "int8", "--parts", "decode", "batch", .. Short]);

        Assert.Contains("quantization int8", run.Output, StringComparison.Ordinal);
        Assert.Contains("tokens/s, 2 requests at once", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("prefill", run.Output, StringComparison.Ordinal);
        Assert.Contains("decode ...", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--model and --synthetic exclude each other", "--model", "a", "--synthetic", "b")]
    [InlineData("There is no full-size model 'b'", "--synthetic", "b")]
    [InlineData("--prompt-tokens is 0, expected at least 1", "--prompt-tokens", "0")]
    [InlineData("--batch is -1, expected at least 1", "--batch", "-1")]
    public async Task Bench_WrongOptions_AreNamed(string expected, params string[] options)
    {
        ToolRun run = await ToolRun.RunAsync(["bench", .. options]);

        run.FailedWith(ExitCode.Usage, expected);
    }
}
