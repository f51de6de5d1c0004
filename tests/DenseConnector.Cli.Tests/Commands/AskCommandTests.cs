using System.Text.Json;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class AskCommandTests
{
    [Fact]
    public async Task Ask_BundledModel_StreamsTheRecordedAnswer()
    {
        ToolRun run = await ToolRun.AskAsync();

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Equal(ToolRun.Answer + Environment.NewLine, run.Output);
        Assert.Empty(run.Error);
        Assert.True(run.Pieces.Count > 1, "The answer came in one piece.");
        Assert.Equal(ToolRun.Answer, string.Concat(run.Pieces));
    }

    [Fact]
    public async Task Ask_QuestionBehindDoubleDash_MayStartWithDashes()
    {
        ToolRun run = await ToolRun.RunAsync("ask", "--image", ToolRun.Picture, "--", "--what?");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Empty(run.Error);
        Assert.NotEmpty(run.Output);
    }

    [Fact]
    public async Task Ask_QuestionThatStartsWithDashes_SaysWhereItGoes() =>
        (await ToolRun.RunAsync("ask", "--image", ToolRun.Picture, "--what?")).FailedWith(
            ExitCode.Usage, "There is no option '--what?'", "behind a '--'");

    public static TheoryData<string, string, string> RecordedAnswers()
    {
        string folder = Path.Combine(ToolRun.Root, "tests", "Fixtures", "tiny-eval");
        TheoryData<string, string, string> rows = [];
        IEnumerable<string> lines = File.ReadLines(Path.Combine(folder, "answers.jsonl")).Take(60);
        foreach (string line in lines.Where((_, index) => index % 15 == 7))
        {
            JsonElement row = JsonDocument.Parse(line).RootElement;
            rows.Add(Path.Combine(folder, "images", Text(row, "image")), Text(row, "prompt"), Text(row, "text"));
        }

        return rows;

        static string Text(JsonElement row, string key) => row.GetProperty(key).GetString()!;
    }

    [Theory]
    [MemberData(nameof(RecordedAnswers))]
    public async Task Ask_ModelFolder_GivesTheRecordedAnswer(string picture, string question, string answer)
    {
        ToolRun run = await ToolRun.RunAsync("ask", question, "-i", picture, "-m", ToolRun.TinyModel);

        Assert.Equal(answer + Environment.NewLine, run.Output);
    }

    [Fact]
    public async Task Ask_ModelFolderWithTrailingSeparator_Answers()
    {
        ToolRun run = await ToolRun.AskAsync("--model", ToolRun.TinyModel + Path.DirectorySeparatorChar);

        Assert.Equal(ToolRun.Answer + Environment.NewLine, run.Output);
    }

    [Fact]
    public async Task Ask_Beams_Answers()
    {
        ToolRun run = await ToolRun.AskAsync("--beams", "3");

        Assert.Equal(ToolRun.Answer + Environment.NewLine, run.Output);
    }

    [Fact]
    public async Task Ask_Json_PrintsOneObject()
    {
        ToolRun run = await ToolRun.AskAsync("--json");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        JsonElement answer = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(
            ["model", "text", "finishReason", "usage", "timings"],
            answer.EnumerateObject().Select(property => property.Name));
        Assert.Equal("dense-connector-tiny", answer.GetProperty("model").GetString());
        Assert.Equal(ToolRun.Answer, answer.GetProperty("text").GetString());
        Assert.Equal("stop", answer.GetProperty("finishReason").GetString());
        Assert.Equal(112, answer.GetProperty("usage").GetProperty("promptTokens").GetInt32());
        Assert.Equal(6, answer.GetProperty("usage").GetProperty("generatedTokens").GetInt32());
        JsonElement timings = answer.GetProperty("timings");
        Assert.All(
            ["loadSeconds", "firstTokenSeconds", "tokensPerSecond", "peakMemoryBytes"],
            name => Assert.True(timings.GetProperty(name).GetDouble() > 0));
    }

    [Fact]
    public async Task Ask_MaxNewTokens_EndsByLength()
    {
        JsonElement answer = JsonDocument.Parse((await ToolRun.AskAsync("--json", "--max-new-tokens", "2")).Output)
            .RootElement;

        Assert.Equal("length", answer.GetProperty("finishReason").GetString());
        Assert.Equal(2, answer.GetProperty("usage").GetProperty("generatedTokens").GetInt32());
    }

    [Fact]
    public async Task Ask_SeveralImages_ReadsThemAll()
    {
        int one = PromptTokens(await ToolRun.AskAsync("--json"));

        int three = PromptTokens(await ToolRun.AskAsync("--json", "-i", ToolRun.Picture, "-i", ToolRun.Picture));

        // 64 visual tokens a picture, and the tokens of the line break behind it.
        Assert.InRange(three - one, 2 * 65, 2 * 67);
    }

    [Fact]
    public async Task Ask_NoImage_AsksTheLanguageModelAlone()
    {
        ToolRun run = await ToolRun.RunAsync("ask", ToolRun.Question, "--no-image", "--json");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.InRange(PromptTokens(run), 1, 111 - 64);
    }

    [Fact]
    public async Task Ask_SameSeed_GivesTheSameAnswer()
    {
        string first = await Sample("7");

        Assert.Equal(first, await Sample("7"));
    }

    [Fact]
    public async Task Ask_OtherSeeds_GiveOtherAnswers()
    {
        string[] answers = [await Sample("1"), await Sample("2"), await Sample("3")];

        Assert.True(answers.Distinct().Count() > 1);
    }

    [Fact]
    public async Task Ask_Stop_EndsTheAnswerBeforeIt()
    {
        ToolRun run = await ToolRun.AskAsync("--stop", "never", "--stop", " two");

        Assert.Equal("There are" + Environment.NewLine, run.Output);
    }

    [Fact]
    public async Task Ask_PictureThatDoesNotExist_NamesIt()
    {
        ToolRun run = await ToolRun.RunAsync("ask", "What?", "--image", "no-such-picture.png");

        run.FailedWith(ExitCode.Failure, "no-such-picture.png: does not exist");
    }

    [Fact]
    public async Task Ask_TextFileAsPicture_SaysWhatItIs()
    {
        ToolRun run = await ToolRun.RunAsync(
            "ask", "What?", "--image", Path.Combine(ToolRun.Root, "Directory.Build.props"));

        run.FailedWith(ExitCode.Failure, "Directory.Build.props: is text");
    }

    [Fact]
    public async Task Ask_FolderAsPicture_SaysSo()
    {
        ToolRun run = await ToolRun.RunAsync("ask", "What?", "--image", ToolRun.TinyModel);

        run.FailedWith(ExitCode.Failure, "is a folder");
    }

    [Fact]
    public async Task Ask_OneBadPictureOfSeveral_NamesThatOne()
    {
        ToolRun run = await ToolRun.AskAsync("--image", "no-such-picture.png");

        run.FailedWith(ExitCode.Failure, "no-such-picture.png");
    }

    [Fact]
    public async Task Ask_ModelThatDoesNotExist_ListsTheCatalog()
    {
        ToolRun run = await ToolRun.AskAsync("--model", "no-such-model");

        run.FailedWith(ExitCode.Failure, "no-such-model: is neither a folder nor", "dense-connector-tiny");
    }

    [Fact]
    public async Task Ask_FolderWithoutAModel_NamesTheMissingFile()
    {
        ToolRun run = await ToolRun.AskAsync("--model", ToolRun.Root);

        run.FailedWith(ExitCode.Failure, "config.json: is no file");
    }

    [Fact]
    public async Task Ask_NoImage_TellsBothRemedies()
    {
        ToolRun run = await ToolRun.RunAsync("ask", "What?");

        run.FailedWith(ExitCode.Usage, "--image FILE", "--no-image");
    }

    [Fact]
    public async Task Ask_NoQuestion_SaysSo()
    {
        ToolRun run = await ToolRun.RunAsync("ask", "--image", ToolRun.Picture);

        run.FailedWith(ExitCode.Usage, "'question' missing", "'denseconnector ask --help'");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task Ask_EmptyQuestion_SaysSoBeforeLoadingAnything(string question)
    {
        ToolRun run = await ToolRun.RunAsync("ask", question, "--image", "no-such-picture.png", "-m", "no-such-model");

        run.FailedWith(ExitCode.Usage, "The question is empty");
    }

    [Theory]
    [InlineData("--temperature", "warm", "--temperature is 'warm', expected a number")]
    [InlineData("--temperature", "0,5", "--temperature is '0,5', expected a number")]
    [InlineData("--temperature", "-1", "Temperature is -1, expected 0 (greedy) or a positive number")]
    [InlineData("--top-p", "1.5", "TopP is 1.5, expected greater than 0 and at most 1")]
    [InlineData("--top-k", "-1", "TopK is -1, expected 0 (all tokens) or a positive number")]
    [InlineData("--top-k", "2.5", "--top-k is '2.5', expected a whole number")]
    [InlineData("--beams", "0", "Beams is 0, expected at least 1 (no beam search)")]
    [InlineData("--min-p", "2", "MinP is 2, expected from 0 to 1")]
    [InlineData("--repetition-penalty", "0", "RepetitionPenalty is 0, expected greater than 0")]
    [InlineData("--max-new-tokens", "0", "MaxNewTokens is 0, expected at least 1")]
    [InlineData("--max-new-tokens", "99999999999", "--max-new-tokens is '99999999999', expected a whole number")]
    [InlineData("--seed", "x", "--seed is 'x', expected a whole number")]
    [InlineData("--stop", "", "A stop sequence is empty")]
    [InlineData("--precision", "int4", "--precision is 'int4', expected auto|float32|float16|bfloat16")]
    [InlineData("--precision", "1", "--precision is '1', expected auto|float32|float16|bfloat16")]
    [InlineData("--vision-weights", "here", "--vision-weights is 'here', expected auto|checkpoint|separate")]
    [InlineData("--device", "tpu", "'tpu' is no device; use auto, cpu, cuda or cuda:N")]
    [InlineData("--template", "nope", "There is no prompt template 'nope', known are chatml_direct, ")]
    [InlineData("--template", "", "--template is empty, expected a name")]
    [InlineData("--image", "", "--image is empty, expected a file")]
    [InlineData("--model", "", "--model is empty, expected a model")]
    [InlineData("--vision-tower", "", "--vision-tower is empty, expected a folder")]
    public async Task Ask_BadOptionValue_NamesOptionValueAndRange(string option, string value, string message)
    {
        ToolRun run = await ToolRun.AskAsync(option, value);

        run.FailedWith(ExitCode.Usage, message);
    }

    [Fact]
    public async Task Ask_OptionWithoutValue_NamesIt()
    {
        ToolRun run = await ToolRun.AskAsync("--temperature");

        run.FailedWith(ExitCode.Usage, "'--temperature'");
    }

    [Fact]
    public async Task Ask_MoreMarksThanPictures_SaysBothNumbers()
    {
        ToolRun run = await ToolRun.RunAsync("ask", "<image> <image> Same?", "-i", ToolRun.Picture);

        run.FailedWith(ExitCode.Usage, "2 <image> marks for 1 pictures");
    }

    [Fact]
    public async Task Ask_PromptBeyondTheModel_SaysTheNumbers()
    {
        string[] images = [.. Enumerable.Repeat(new[] { "-i", ToolRun.Picture }, 15).SelectMany(pair => pair)];

        ToolRun run = await ToolRun.AskAsync(images);

        run.FailedWith(ExitCode.Failure, "1,024 of them visual", "the model reads ", "Use fewer images");
    }

    [Fact]
    public async Task Ask_TowerFolderThatDoesNotExist_NamesIt()
    {
        ToolRun run = await ToolRun.AskAsync("--vision-tower", "no-such-tower");

        run.FailedWith(ExitCode.Failure, "no-such-tower: is no folder");
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1024)]
    public async Task Ask_PromptLimitBeyondTheModels_Answers(int limit)
    {
        using ModelCopy model = new();
        model.Set("tokenizer_model_max_length", limit);

        Assert.Equal(ToolRun.Answer + Environment.NewLine, (await ToolRun.AskAsync("-m", model.Path)).Output);
    }

    [NoCudaFact]
    public async Task Ask_CudaWithoutCuda_PointsToDoctor()
    {
        ToolRun run = await ToolRun.AskAsync("--device", "cuda");

        run.FailedWith(ExitCode.Environment, "CUDA", "'denseconnector doctor' shows more");
    }

    private static int PromptTokens(ToolRun run) =>
        JsonDocument.Parse(run.Output).RootElement.GetProperty("usage").GetProperty("promptTokens").GetInt32();

    private static async Task<string> Sample(string seed)
    {
        ToolRun run = await ToolRun.AskAsync("--temperature", "3", "--seed", seed, "--max-new-tokens", "20");
        Assert.Equal(ExitCode.Success, run.ExitCode);
        return run.Output;
    }
}
