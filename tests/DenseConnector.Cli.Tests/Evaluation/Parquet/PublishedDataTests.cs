using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Mmmu;
using DenseConnector.Cli.Evaluation.Python;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Evaluation.Parquet;

/// <summary>What the hub publishes gives the same questions, pictures and lines as the same rows in JSON.</summary>
[Trait("Suite", "Evaluation")]
public sealed class PublishedDataTests : IDisposable
{
    private readonly TemporaryFolder _json = new();

    public static TheoryData<string> Datasets => ["mmmu", "mathvista"];

    [Theory]
    [MemberData(nameof(Datasets))]
    public void Read_PublishedFiles_AsksWhatTheJsonFormAsks(string name)
    {
        Benchmark benchmark = Goldens.Find(name);
        IReadOnlyList<EvaluationItem> published = benchmark.Read(Published(benchmark));
        IReadOnlyList<EvaluationItem> expected = benchmark.Read(Json(benchmark));
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Select(Describe), published.Select(Describe));
    }

    [Theory]
    [MemberData(nameof(Datasets))]
    public void StartLines_PublishedFiles_WritesWhatTheJsonFormGives(string name)
    {
        Benchmark benchmark = Goldens.Find(name);
        string[] lines = Lines(benchmark, Published(benchmark));
        if (name == "mathvista")
        {
            // The hub names a picture with its folder; that is all that differs.
            lines = [.. lines.Select(line => line.Replace("\"images/", "\"", StringComparison.Ordinal))];
        }

        Assert.Equal(Lines(benchmark, Json(benchmark)), lines);
    }

    [Theory]
    [MemberData(nameof(Datasets))]
    public void Read_PublishedFiles_LeavesThePicturesWhereTheyAre(string name)
    {
        Benchmark benchmark = Goldens.Find(name);
        IReadOnlyList<EvaluationItem> items = benchmark.Read(Published(benchmark));
        Assert.Contains(items, item => item.Visual is not null);
        Assert.All(items, item => Assert.True(item.Visual is null or PictureBytes, $"{item.Visual}"));
    }

    [Fact]
    public async Task Eval_PublishedFiles_AnswersAsOverTheJsonForm()
    {
        Benchmark benchmark = Goldens.Find("mmmu");
        string published = await AnswerAsync(ParquetData.Folder, "published");
        string expected = await AnswerAsync(Json(benchmark).Folder, "json", "--images", ParquetData.Pictures);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, published);
    }

    [Fact]
    public void Read_SomeSubjects_NamesThoseThatAreMissing()
    {
        Benchmark benchmark = Goldens.Find("mmmu");
        BenchmarkData data = Published(benchmark);
        benchmark.Read(data);
        string note = Assert.Single(data.Notes);
        Assert.StartsWith("27 of MMMU's 30 subjects are missing", note, StringComparison.Ordinal);
        Assert.Contains(": Agriculture, Architecture_and_Engineering, Basic_Medical", note, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SubjectOfSeveralFiles_AsksInTheirOrder()
    {
        Benchmark benchmark = Goldens.Find("mmmu");
        string folder = Directory.CreateDirectory(Path.Combine(_json.Path, "Art")).FullName;
        string[] parts = ["Art_Theory", "Accounting", "Art"];
        foreach ((int index, string subject) in parts.Index())
        {
            File.Copy(
                Directory.EnumerateFiles(Path.Combine(ParquetData.Folder, "mmmu", subject)).Single(),
                Path.Combine(folder, $"validation-0000{index}-of-00003.parquet"));
        }

        Assert.Equal(
            parts,
            benchmark.Read(new BenchmarkData(benchmark, _json.Path))
                .Select(item => MmmuQuestion.SubjectOf(item.Name)).Distinct());
    }

    [Fact]
    public void Read_NoSubjectAmongTheFolders_SaysWhatIsExpected()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_json.Path, "Astrology")).FullName;
        File.WriteAllBytes(Path.Combine(folder, "validation-00000-of-00001.parquet"), []);
        Benchmark benchmark = Goldens.Find("mmmu");
        IOException error = Assert.Throws<IOException>(
            () => benchmark.Read(new BenchmarkData(benchmark, _json.Path)));
        Assert.Contains("none of MMMU's subjects, expected folders like 'Accounting'", error.Message);
    }

    [Theory]
    [InlineData("mmmu", "'*/validation-*.parquet' or 'validation.jsonl'")]
    [InlineData("mathvista", "'data/testmini-*.parquet' or 'testmini.json' or 'testmini.jsonl'")]
    public void Require_EmptyFolder_NamesEveryForm(string name, string expected)
    {
        BenchmarkData data = new(Goldens.Find(name), _json.Path);
        string message = Assert.Throws<IOException>(data.Require).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Datasets))]
    public void Require_PublishedFiles_NeedNoFolderOfPictures(string name)
    {
        Benchmark benchmark = Goldens.Find(name);
        new BenchmarkData(benchmark, ParquetData.Folder).Require();
    }

    public void Dispose() => _json.Dispose();

    private static BenchmarkData Published(Benchmark benchmark) => new(benchmark, ParquetData.Folder);

    private static string Describe(EvaluationItem item) => string.Join('|', [
        item.Name, .. item.Questions, .. item.Choices, Convert.ToHexString(Picture(item.Visual))]);

    private static byte[] Picture(VisualSource? visual) => visual switch
    {
        PictureFile file => File.ReadAllBytes(file.Path),
        PictureBytes bytes => bytes.Read().ToArray(),
        _ => [],
    };

    private static string[] Lines(Benchmark benchmark, BenchmarkData data)
    {
        IAnswerLines lines = benchmark.StartLines();
        return [.. benchmark.Read(data).Select((item, i) =>
            PythonJson.Write((JsonNode)lines.Write(item, [i % 2 == 0 ? "3" : "no idea"], "id", "model")))];
    }

    private async Task<string> AnswerAsync(string folder, string output, params string[] options)
    {
        string to = Path.Combine(_json.Path, output);
        ToolRun run = await ToolRun.RunAsync(
        [
            "eval", "mmmu", "--data", folder, "--output", to, "--precision", "float32", "--temperature", "0",
            "--beams", "1", "--max-new-tokens", "8", .. options,
        ]);
        Assert.True(run.ExitCode == ExitCode.Success, run.Error);
        return await File.ReadAllTextAsync(Path.Combine(to, "answers.jsonl"));
    }

    private BenchmarkData Json(Benchmark benchmark)
    {
        string name = benchmark.Name == "mmmu" ? "validation.jsonl" : "testmini.jsonl";
        File.Copy(ParquetData.Lines(benchmark.Name), Path.Combine(_json.Path, name), overwrite: true);
        return new BenchmarkData(benchmark, _json.Path, ParquetData.Pictures);
    }
}
