using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using DenseConnector.Cli.Evaluation;
using DenseConnector.Cli.Evaluation.Reporting;
using DenseConnector.Cli.Evaluation.Running;

namespace DenseConnector.Cli.Tests.Evaluation.Reporting;

public sealed partial class HtmlReportTests
{
    private const string Hostile = "</script><img src=x onerror=\"alert(1)\"><!--<script>{{table}}&'";

    [Fact]
    public async Task Write_HostileAnswer_StaysInItsBlock()
    {
        using ReportFolder folder = new()
        {
            Items = [new ItemRecord(0, Hostile, Hostile, null, Hostile, new Verdict(0, Hostile, Hostile))],
        };

        string html = await WriteAsync(folder.Write());

        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<!--", html, StringComparison.Ordinal);
        Assert.Equal(2, html.Split("</script").Length - 1);
        JsonElement item = Data(html).GetProperty("runs")[0].GetProperty("items")[0];
        Assert.All(
            ["name", "question", "answer", "parsed", "expected"],
            field => Assert.Equal(Hostile, item.GetProperty(field).GetString()));
    }

    [Fact]
    public async Task Write_HostileNames_AreEncoded()
    {
        using ReportFolder plain = new();
        using ReportFolder folder = new()
        {
            Run = plain.Run with { Model = Hostile },
            Score = plain.Score with
            {
                Title = Hostile,
                Report = Hostile,
                Metric = Hostile,
                Groups = [new ScoreGroup(Hostile, Hostile, 1, 1)],
            },
        };

        string html = await WriteAsync(folder.Write());

        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<!--", html, StringComparison.Ordinal);
        Assert.Equal(2, html.Split("</script").Length - 1);
        Assert.Single(TableHeads().Matches(html));
    }

    [Fact]
    public async Task Write_Policy_AllowsThePagesOwnStyleAndScriptAlone()
    {
        using ReportFolder folder = new();

        string html = await WriteAsync(folder.Write());

        string style = html.Split("<style>")[1].Split("</style>")[0];
        string script = html.Split("<script>")[1].Split("</script>")[0];
        Assert.Contains(
            $"content=\"default-src 'none'; img-src data:; style-src '{Hash(style)}'; script-src '{Hash(script)}'; " +
            "base-uri 'none'; form-action 'none'\"",
            html,
            StringComparison.Ordinal);
        Assert.DoesNotContain("://", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_Runs_ShowTableBarsAndReports()
    {
        using ReportFolder first = new();
        using ReportFolder second = new()
        {
            Run = first.Run with { IsOfficial = false },
            Score = first.Score with { Groups = [], Report = null },
        };

        string html = await WriteAsync(first.Write(), second.Write());

        Assert.Contains(">-0.35</td>", html, StringComparison.Ordinal);
        Assert.Single(MarkedRows().Matches(html));
        Assert.Contains(">not comparable</td>", html, StringComparison.Ordinal);
        Assert.Contains(">cats &amp; dogs <tspan", html, StringComparison.Ordinal);
        Assert.Equal(1, html.Split("<pre tabindex=\"0\">\nAccuracy: 62.25%&#xA;</pre>").Length - 1);
        Assert.Equal(2, Data(html).GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public async Task Write_Items_HavePicturesVerdictsAndFailures()
    {
        using ReportFolder folder = new()
        {
            Items =
            [
                new ItemRecord(0, "a", "q", ToolRun.Picture, "two", new Verdict(0.6, "2", "two | 2")),
                new ItemRecord(1, "b", "q", "/nowhere/missing.jpg", null, null),
                new ItemRecord(2, "c", "q", ToolRun.Picture, null, null),
            ],
        };
        ReportRun run = folder.Write();
        await File.WriteAllTextAsync(
            folder.PathOf("answers.failures.jsonl"), """{"index":1,"question":"b","error":"is missing"}""" + "\n{\"in");

        JsonElement data = Data(await WriteAsync(run));

        Assert.StartsWith(
            "data:image/jpeg;base64,",
            Assert.Single(data.GetProperty("pictures").EnumerateArray()).GetString(),
            StringComparison.Ordinal);
        Assert.Equal(
            [
                """{"name":"a","question":"q","state":"partly","file":"ex_000.jpg","picture":0,"answer":"two",""" +
                    "\"parsed\":\"2\",\"expected\":\"two | 2\",\"score\":0.6}",
                """{"name":"b","question":"q","state":"failed","file":"missing.jpg","error":"is missing"}""",
                """{"name":"c","question":"q","state":"open","file":"ex_000.jpg","picture":0}""",
            ],
            data.GetProperty("runs")[0].GetProperty("items").EnumerateArray().Select(item => item.GetRawText()));
    }

    [Fact]
    public async Task Write_MoreQuestionsThanAPageHolds_SaysHowManyAreLeftOut()
    {
        using ReportFolder folder = new()
        {
            Items = [.. Enumerable.Range(0, PageData.MaxItems + 3).Select(
                index => new ItemRecord(index, "n", "q", null, "a", null))],
        };

        string html = await WriteAsync(folder.Write());

        Assert.Equal(PageData.MaxItems, Data(html).GetProperty("runs")[0].GetProperty("items").GetArrayLength());
        Assert.Contains("3 more are in the runs&#x27; folders.", html, StringComparison.Ordinal);
    }

    private static Task<string> WriteAsync(params ReportRun[] runs) =>
        HtmlReport.WriteAsync(runs, ReportTable.Of(runs.Select(ReportRow.Of)), CancellationToken.None);

    private static JsonElement Data(string html) =>
        JsonElement.Parse(html.Split("type=\"application/json\">")[1].Split("</script>")[0]);

    private static string Hash(string text) =>
        "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [GeneratedRegex("<thead>")]
    private static partial Regex TableHeads();

    [GeneratedRegex("<tr class=\"marked\">")]
    private static partial Regex MarkedRows();
}
