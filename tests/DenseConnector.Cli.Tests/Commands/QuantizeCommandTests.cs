using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class QuantizeCommandTests : IDisposable
{
    private readonly TemporaryFolder _place = new();

    private string Target => Path.Combine(_place.Path, "target");

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("int8", "Int8")]
    [InlineData("INT4", "Int4")]
    public async Task Quantize_BundledModel_TellsProgressAndWhatWasWritten(string format, string named)
    {
        ToolRun run = await QuantizeAsync(format);

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Matches(
            $@"\Adense-connector-tiny: [23],\d\d\d,\d\d\d bytes of weights in {named}, written in", run.Output);
        Assert.Contains("100 % of 0.0 GB", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quantize_Json_PrintsOneObject()
    {
        ToolRun run = await ToolRun.RunAsync("quantize", ToolRun.TinyModel, Target, "--format", "int4", "--json");

        JsonElement written = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(
            ["model", "format", "bytes", "seconds"], written.EnumerateObject().Select(property => property.Name));
        Assert.Equal("int4", written.GetProperty("format").GetString());
        Assert.InRange(written.GetProperty("bytes").GetInt64(), 2_000_000, 4_000_000);
    }

    [Theory]
    [InlineData("int8")]
    [InlineData("int4")]
    public async Task Ask_Written_AnswersAsWithQuantize(string format)
    {
        await QuantizeAsync(format);

        ToolRun rounded = await ToolRun.AskAsync("--quantize", format);
        ToolRun written = await ToolRun.AskAsync("--model", Target);

        Assert.Equal(ToolRun.Answer + Environment.NewLine, written.Output);
        Assert.Equal(rounded.Output, written.Output);
        Assert.Equal(ExitCode.Success, (await ToolRun.AskAsync("--model", Target, "--quantize", format)).ExitCode);
    }

    [Theory]
    [InlineData("int8", "int4")]
    [InlineData("int4", "int8")]
    public async Task Ask_WrittenWithAnotherFormat_IsRefused(string format, string asked)
    {
        await QuantizeAsync(format);

        ToolRun run = await ToolRun.AskAsync("--model", Target, "--quantize", asked);

        run.FailedWith(ExitCode.Usage, "but the checkpoint is stored in Int", "--quantize");
    }

    [Fact]
    public async Task Ask_WrittenOnCuda_IsRefused()
    {
        await QuantizeAsync("int4");

        ToolRun run = await ToolRun.AskAsync("--model", Target, "--device", "cuda");

        run.FailedWith(ExitCode.Usage, "The device is cuda and the weights are in Int4", "--device");
    }

    [Fact]
    public async Task Inspect_Written_ShowsFormatAndSizes()
    {
        await QuantizeAsync("int4");

        ToolRun run = await ToolRun.RunAsync("inspect", Target);
        JsonElement json = JsonDocument.Parse((await ToolRun.RunAsync("inspect", Target, "--json")).Output).RootElement;

        Assert.All(
            [
                "vision weights   inside the checkpoint",
                "prompt template  vicuna_v1 (from config.json)",
                "quantization     int4, as stored",
                "BF16: 415 tensors, 2.28 MiB, U8: 28 tensors, 344,064 bytes, I8: 1 tensors, 131,072 bytes",
                "size             1,994,368 weights in use, 2.74 MiB in files",
            ],
            line => Assert.Contains(line, run.Output, StringComparison.Ordinal));
        Assert.Equal("int4", json.GetProperty("quantization").GetString());
        Assert.Equal(1_994_368, json.GetProperty("parameters").GetInt64());
        Assert.Equal(2_872_576, json.GetProperty("bytes").GetInt64());
    }

    [Fact]
    public async Task Bench_Written_SaysItsFormat()
    {
        await QuantizeAsync("int8");

        ToolRun run = await ToolRun.RunAsync(
            "bench", "--model", Target, "--prompt-tokens", "4", "--new-tokens", "1", "--parts", "decode", "--json");

        JsonElement report = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal("int8", report.GetProperty("quantization").GetString());
        Assert.Equal("bFloat16", report.GetProperty("precision").GetString());
    }

    [Fact]
    public async Task Quantize_WrittenAgain_IsRefusedAndLeavesNoFolder()
    {
        await QuantizeAsync("int8");
        string second = Path.Combine(_place.Path, "second");

        ToolRun run = await ToolRun.RunAsync("quantize", Target, second, "--format", "int4");

        run.FailedWith(
            ExitCode.Failure, $"{Target}{Path.DirectorySeparatorChar}config.json", "are in Int8 already",
            "Take the checkpoint that this one was made from.");
        Assert.False(Directory.Exists(second));
    }

    [Theory]
    [InlineData("bitsandbytes")]
    [InlineData("awq")]
    [InlineData("gptq")]
    public async Task Quantize_QuantizedByOthers_SaysWhatToTake(string method)
    {
        using ModelCopy model = new();
        model.Set("quantization_config", new JsonObject { ["quant_method"] = method, ["bits"] = 4 });

        ToolRun run = await ToolRun.RunAsync("quantize", model.Path, Target, "--format", "int4");

        run.FailedWith(ExitCode.Failure, $"is '{method}'", "take the checkpoint with unquantised weights");
        Assert.False(Directory.Exists(Target));
    }

    [Fact]
    public async Task Quantize_FolderWithFiles_IsLeftAlone()
    {
        _place.Write("thesis.txt", "words"u8);

        ToolRun run = await ToolRun.RunAsync("quantize", ToolRun.TinyModel, _place.Path, "--format", "int4");

        run.FailedWith(ExitCode.Usage, _place.Path, "not empty");
        Assert.Single(Directory.GetFileSystemEntries(_place.Path));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("int5")]
    [InlineData("1")]
    public async Task Quantize_NoFormat_SaysWhatThereIs(string format) =>
        (await QuantizeAsync(format)).FailedWith(ExitCode.Usage, $"--format is '{format}', expected int8|int4");

    [Fact]
    public async Task Quantize_FormatNotGiven_AsksForIt() =>
        (await ToolRun.RunAsync("quantize", ToolRun.TinyModel, Target)).FailedWith(ExitCode.Usage, "'--format'");

    [Fact]
    public async Task Quantize_Float16_IsRefusedAndLeavesNoFolder()
    {
        ToolRun run = await ToolRun.RunAsync(
            "quantize", ToolRun.TinyModel, Target, "--format", "int4", "--precision", "float16");

        run.FailedWith(ExitCode.Usage, "Precision is Float16", "BFloat16 or Float32");
        Assert.False(Directory.Exists(Target));
    }

    [Fact]
    public async Task Quantize_WeightFileDamaged_NamesItAndLeavesTheEmptyFolder()
    {
        using ModelCopy model = new();
        Directory.CreateDirectory(Target);
        using (FileStream file = File.OpenWrite(model.PathOf("model.safetensors")))
        {
            file.SetLength(file.Length - 100);
        }

        ToolRun run = await ToolRun.RunAsync("quantize", model.Path, Target, "--format", "int4");

        run.FailedWith(ExitCode.Failure, model.PathOf("model.safetensors"));
        Assert.Empty(Directory.GetFileSystemEntries(Target));
    }

    [Fact]
    public async Task Quantize_Help_DocumentsTheTensors()
    {
        ToolRun run = await ToolRun.RunAsync("quantize", "--help");

        Assert.All(
            [
                "NAME.weight (I8, [rows, columns])", "NAME.weight_scale (F32, [rows])",
                "NAME.weight_int4 (U8, [rows/16, columns/8, 16, 4])",
                "NAME.weight_scale (BF16, [rows/16, columns/32, 16])",
            ],
            text => Assert.Contains(text, run.Output, StringComparison.Ordinal));
    }

    /// <summary>As on a full disk, a write fails in the middle.</summary>
    [LinuxX64Fact]
    public async Task Quantize_FileTooLong_SaysSoAndLeavesNoFolder()
    {
        using ToolProcess process = ToolProcess.WithFileLimit(
            4000, "quantize", ToolRun.TinyModel, Target, "--format", "int4", "--precision", "float32");

        (int code, string output, string errors) = await process.EndAsync();

        Assert.Equal((ExitCode.Failure, string.Empty), (code, output));
        Assert.Contains(
            $"denseconnector: {Target}: cannot be written (its file system takes no file so long)",
            errors,
            StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Target));
    }

    private Task<ToolRun> QuantizeAsync(string format) =>
        ToolRun.RunAsync("quantize", "dense-connector-tiny", Target, "--format", format);
}
