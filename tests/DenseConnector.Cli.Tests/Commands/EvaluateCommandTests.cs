using System.Text.Json;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Running;
using DenseConnector.Cli.Tests.Evaluation;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Commands;

[Trait("Suite", "Evaluation")]
public sealed class EvaluateCommandTests : IDisposable
{
    /// <summary>Below this gap of the two best logits another order of sums may choose the other token.</summary>
    private const double NearTie = 0.01;

    private readonly TemporaryFolder _output = new();

    public static TheoryData<string> WithAnswers => Goldens.With("tiny_answers.jsonl");

    private string Answers => Path.Combine(_output.Path, "answers.jsonl");

    [Theory]
    [MemberData(nameof(WithAnswers))]
    public async Task Eval_TinyModel_AnswersAsTheOfficialRunner(string name)
    {
        Benchmark benchmark = Goldens.Find(name);

        ToolRun run = await RunAsync(name);

        Assert.Equal(ExitCode.Success, run.ExitCode);
        IReadOnlyList<JsonElement> expected = Goldens.Rows(benchmark, "tiny_answers.jsonl");
        string[] lines = File.ReadAllLines(Answers);
        Assert.Equal(expected.Count, lines.Length);
        Assert.All(expected.Zip(lines), pair =>
        {
            JsonElement row = pair.First;
            JsonElement line = JsonElement.Parse(pair.Second);
            string[] official = [.. row.EnumerateObject().Select(field => field.Name).SkipLast(2)];
            Assert.Equal(official, line.EnumerateObject().Select(field => field.Name));
            bool nearTie = IsNearTie(row);
            IEnumerable<string> compared = official.Except(["answer_id", .. nearTie ? benchmark.AnswerFields : []]);
            Assert.All(compared, field => Assert.True(
                JsonElement.DeepEquals(row.GetProperty(field), line.GetProperty(field)), $"{field}: {line}"));
        });
        string scores = benchmark.Name is "textvqa" ? "answers" : "tiny_answers";
        if (EvaluationData.Value("tiny_model_scores.json").TryGetProperty(name, out JsonElement report))
        {
            string printed = report.GetString()!.Replace("tiny_answers\n", $"{scores}\n", StringComparison.Ordinal);
            Assert.StartsWith(printed, run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Eval_ModelOfAFolder_IsCalledByTheFoldersName()
    {
        await RunAsync("vizwiz", "--limit", "1", "--model", ToolRun.TinyModel);

        Assert.Equal("dense-connector-tiny", JsonElement.Parse(File.ReadAllText(Answers)).Text("model_id"));
    }

    [Fact]
    public async Task Eval_KilledTenTimes_EndsWithTheFileOfAnUndisturbedRun()
    {
        const int Kills = 10;
        await RunAsync("textvqa");
        byte[] undisturbed = File.ReadAllBytes(Answers);
        File.Delete(Answers);
        Random random = new(20_261_127);
        for (int kill = 1; kill <= Kills; kill++)
        {
            // So that each run has something left to do when it is killed, wherever in a line it stands.
            int most = undisturbed.Length * kill / (Kills + 1);
            using ToolProcess process = new(string.Empty, string.Empty, Arguments("textvqa"));
            int least = random.Next(Math.Min((int)Length(), most), most + 1);
            while (Length() < least)
            {
                await Task.Delay(random.Next(20));
            }

            process.Kill();
            await process.EndAsync();
        }

        Assert.InRange(Length(), 1, undisturbed.Length - 1);
        int there = File.ReadAllBytes(Answers).Count(character => character == '\n');
        ToolRun run = await RunAsync("textvqa");

        Assert.Contains($"{there} were answered before", run.Error, StringComparison.Ordinal);
        Assert.Equal(undisturbed, File.ReadAllBytes(Answers));

        // Nothing else can be asked of a file that another process holds.
        long Length() => new FileInfo(Answers) is { Exists: true } file ? file.Length : 0;
    }

    [Fact]
    public async Task Eval_BrokenPictures_AreFailuresAndAreAskedAgain()
    {
        using TemporaryFolder images = CopyImages();
        string broken = Goldens.Rows(Goldens.Find("gqa"), "llava_gqa_testdev_balanced.jsonl")[1].Text("image");
        string picture = Path.Combine(images.Path, broken);
        byte[] whole = File.ReadAllBytes(picture);
        File.WriteAllText(picture, "no picture");

        ToolRun run = await RunAsync("gqa", "--images", images.Path, "--json");

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        JsonElement scores = JsonElement.Parse(run.Output);
        int failed = scores.GetProperty("failed").GetInt32();
        Assert.True(failed > 0);
        Assert.Equal(
            scores.GetProperty("questions").GetInt32() - failed, scores.GetProperty("answered").GetInt32());
        Assert.Equal(scores.GetProperty("answered").GetInt32(), File.ReadLines(Answers).Count());
        Assert.False(scores.TryGetProperty("value", out JsonElement value) && value.ValueKind == JsonValueKind.Number);
        string[] failures = File.ReadAllLines(Path.Combine(_output.Path, "answers.failures.jsonl"));
        Assert.Equal(failed, failures.Length);
        Assert.All(failures, line => Assert.Contains(broken, line, StringComparison.Ordinal));

        File.WriteAllBytes(picture, whole);
        ToolRun again = await RunAsync("gqa", "--images", images.Path);

        Assert.Equal(ExitCode.Success, again.ExitCode);
        Assert.Contains($"{failed} questions answered", again.Error, StringComparison.Ordinal);
        Assert.Equal([Answers], Directory.GetFiles(_output.Path, "*answers*"));
        Assert.Equal(
            Goldens.Rows(Goldens.Find("gqa"), "tiny_answers.jsonl").Select(row => row.Text("question_id")),
            File.ReadLines(Answers).Select(line => JsonElement.Parse(line).Text("question_id")));
    }

    [Fact]
    public async Task Eval_Chunks_ScoredTogetherAreTheWhole()
    {
        await RunAsync("vizwiz");
        byte[] whole = File.ReadAllBytes(Answers);
        File.Delete(Answers);

        foreach (string chunk in new[] { "2", "0", "1" })
        {
            ToolRun run = await RunAsync("vizwiz", "--num-chunks", "3", "--chunk-idx", chunk);
            Assert.Equal(ExitCode.Success, run.ExitCode);
        }

        Assert.False(File.Exists(Answers));
        ToolRun score = await ToolRun.RunAsync(
            ["eval", "score", "vizwiz", .. Folders("vizwiz"), "--num-chunks", "3"]);
        Assert.Equal(ExitCode.Success, score.ExitCode);
        Assert.Equal(whole, File.ReadAllBytes(Answers));
        Assert.True(File.Exists(Path.Combine(_output.Path, "upload.json")));
    }

    [Fact]
    public async Task Eval_Limit_GoesOnBehindIt()
    {
        int all = Goldens.Rows(Goldens.Find("vizwiz"), "tiny_answers.jsonl").Count;
        ToolRun run = await RunAsync("vizwiz", "--limit", "3");
        Assert.Contains($"3 of {all} questions have an answer", run.Output, StringComparison.Ordinal);
        Assert.Equal(3, File.ReadLines(Answers).Count());

        ToolRun rest = await RunAsync("vizwiz", "--batch", "1");

        Assert.Contains($"{all - 3} questions answered", rest.Error, StringComparison.Ordinal);
        Assert.All(
            Goldens.Rows(Goldens.Find("vizwiz"), "tiny_answers.jsonl").Zip(File.ReadLines(Answers)),
            pair => Assert.True(
                IsNearTie(pair.First) || pair.First.Text("text") == JsonElement.Parse(pair.Second).Text("text"),
                pair.Second));
    }

    [Fact]
    public async Task Eval_FolderOfOtherSettings_IsRefused()
    {
        await RunAsync("vizwiz", "--limit", "1");
        byte[] before = File.ReadAllBytes(Answers);

        ToolRun run = await RunAsync("vizwiz", "--max-new-tokens", "2");

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Contains("at most 128 tokens", run.Error, StringComparison.Ordinal);
        Assert.Contains("at most 2 tokens", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Answers));
    }

    [Fact]
    public async Task Eval_ScoreChoices_AnswersWithOptionsAndIsMarked()
    {
        ToolRun run = await RunAsync("seed", "--score-choices", "--limit", "12");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.All(
            File.ReadLines(Answers), line => Assert.Matches("^[A-D]$", JsonElement.Parse(line).Text("text")));
        JsonElement record = JsonElement.Parse(File.ReadAllText(Path.Combine(_output.Path, "run.json")));
        Assert.True(record.GetProperty("scoresChoices").GetBoolean());
        Assert.False(record.GetProperty("isOfficial").GetBoolean());

        await RunAsync("seed", "--score-choices", "--limit", "14");
        JsonElement[] choices = [.. File.ReadLines(Path.Combine(_output.Path, "answers.choices.jsonl"))
            .Select(line => JsonElement.Parse(line))];
        Assert.Equal(Enumerable.Range(0, 14), choices.Select(line => line.GetProperty("index").GetInt32()));
        Assert.All(choices.Zip(File.ReadLines(Answers)), pair =>
        {
            Dictionary<string, double> scores = pair.First.GetProperty("logProbabilities").EnumerateObject()
                .ToDictionary(choice => choice.Name, choice => choice.Value.GetDouble());
            Assert.Equal(["A", "B", "C", "D"], scores.Keys);
            Assert.InRange(scores.Values.Sum(Math.Exp), 0, 1);
            Assert.Equal(JsonElement.Parse(pair.Second).Text("text"), scores.MaxBy(choice => choice.Value).Key);
        });
    }

    [Fact]
    public async Task Eval_EmptyDataFolder_NamesAllThatIsMissingAndItsOrigin()
    {
        using TemporaryFolder empty = new();

        ToolRun run = await ToolRun.RunAsync("eval", "textvqa", "--data", empty.Path, "--output", _output.Path);

        run.FailedWith(
            ExitCode.Failure,
            "'llava_textvqa_val_v051_ocr.jsonl' or",
            "(questions with OCR tokens; from LLaVA's eval.zip)",
            "'TextVQA_0.5.1_val.json'",
            "'train_images'");
    }

    [Fact]
    public async Task Eval_NoPictureThere_SaysSoBeforeAModelIsLoaded()
    {
        using TemporaryFolder empty = new();

        ToolRun run = await ToolRun.RunAsync(
            ["eval", "vizwiz", .. Folders("vizwiz", "--images"), "--images", empty.Path, "--model", "/nowhere"]);

        int all = Goldens.Rows(Goldens.Find("vizwiz"), "prompts.jsonl").Count;
        run.FailedWith(ExitCode.Failure, $"{all} of {all} questions' pictures are missing", "--images");
    }

    [Fact]
    public async Task Eval_OfficialAnswers_ScoreAsOfficially()
    {
        ToolRun run = await ToolRun.RunAsync(
            ["eval", "score", "gqa", .. Folders("gqa"), "--answers", EvaluationData.File("gqa", "answers.jsonl")]);

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.StartsWith(
            EvaluationData.Value("gqa", "expected_scores.json").Text("stdout"), run.Output, StringComparison.Ordinal);
        Assert.Equal(
            EvaluationData.Text("gqa", "testdev_balanced_predictions.json"),
            File.ReadAllText(Path.Combine(_output.Path, "testdev_balanced_predictions.json")));
    }

    [Fact]
    public async Task Eval_ScoredAnswers_EachHaveTheVerdictThatWasCounted()
    {
        string answers = EvaluationData.File("mmmu", "answers.jsonl");

        ToolRun run = await ToolRun.RunAsync(
            ["eval", "score", "mmmu", .. Folders("mmmu"), "--answers", answers, "--json"]);

        Assert.Equal(ExitCode.Success, run.ExitCode);
        ItemRecord[] items = [.. ItemRecord.ReadAll(_output.Path)];
        Assert.Equal(File.ReadLines(answers).Count(), items.Length);
        Assert.Equal(
            JsonElement.Parse(run.Output).GetProperty("value").GetDouble(),
            100 * items.Average(item => item.Verdict!.Score),
            1e-9);
    }

    public void Dispose() => _output.Dispose();

    private static bool IsNearTie(JsonElement row) => row.GetProperty("min_top2_logit_margin").GetDouble() < NearTie;

    private static TemporaryFolder CopyImages()
    {
        TemporaryFolder folder = new();
        foreach (string file in Directory.GetFiles(EvaluationData.Images))
        {
            folder.Write(Path.GetFileName(file), File.ReadAllBytes(file));
        }

        return folder;
    }

    private Task<ToolRun> RunAsync(string name, params string[] options) =>
        ToolRun.RunAsync([.. Arguments(name, options)]);

    private string[] Arguments(string name, params string[] options) =>
        ["eval", name, .. Folders(name, options), "--precision", "float32", .. options];

    private string[] Folders(string name, params string[] options)
    {
        string[] images = options.Contains("--images") ? [] : ["--images", EvaluationData.Images];
        return
        [
            "--data", EvaluationData.File(Goldens.FolderOf(Goldens.Find(name))!), "--output", _output.Path, .. images,
        ];
    }
}
