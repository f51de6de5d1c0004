using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using DenseConnector.Cli.Evaluation.Running;

namespace DenseConnector.Cli.Evaluation.Reporting;

/// <summary>What the page's script reads: the questions of all runs and their pictures.</summary>
/// <param name="Runs">The runs.</param>
/// <param name="Pictures">The pictures as <c>data:</c> addresses.</param>
internal sealed record PageData(IReadOnlyList<PageRun> Runs, IReadOnlyList<string> Pictures)
{
    /// <summary>The most questions in a page, shared among its runs.</summary>
    public const int MaxItems = 40_000;

    // The encoder escapes what HTML has a meaning for, so that no answer ends the script block it stands in.
    private static readonly JsonSerializerOptions Embedded = new(ToolJson.Line)
    {
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    };

    /// <summary>What was left out, for people; empty if nothing was.</summary>
    public string LeftOut { get; private init; } = string.Empty;

    /// <summary>Reads the questions of some runs.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static async Task<PageData> ReadAsync(IReadOnlyList<ReportRun> runs, CancellationToken cancellation)
    {
        int limit = MaxItems / runs.Count;
        int leftOut = 0;
        List<ItemRecord[]> records = [];
        foreach (ReportRun run in runs)
        {
            ItemRecord[] all = [.. ItemRecord.ReadAll(run.Folder)];
            leftOut += Math.Max(0, all.Length - limit);
            records.Add(all[..Math.Min(all.Length, limit)]);
        }

        // Question by question, so that no run takes the room of another.
        PagePictures pictures = new();
        List<PageItem>[] items = [.. runs.Select(_ => new List<PageItem>())];
        IReadOnlyDictionary<int, string>[] errors = [.. runs.Select(run => FailureFile.ReadAll(run.Folder))];
        for (int place = 0; place < records.Max(kept => kept.Length); place++)
        {
            foreach ((int index, ItemRecord[] kept) in records.Index())
            {
                if (place < kept.Length)
                {
                    ItemRecord item = kept[place];
                    int? picture = item.Picture is null ? null : await pictures.FindAsync(item.Picture, cancellation);
                    items[index].Add(PageItem.Of(item, picture, errors[index].GetValueOrDefault(item.Index)));
                }
            }
        }

        return new PageData([.. runs.Zip(items, (run, shown) => new PageRun(run.Title, shown))], pictures.Addresses)
        {
            LeftOut = Describe(pictures, leftOut),
        };
    }

    /// <summary>The data as JSON that may stand in a script block.</summary>
    public string Serialize() => JsonSerializer.Serialize(new { Runs, Pictures }, Embedded);

    private static string Describe(PagePictures pictures, int items)
    {
        string left = string.Empty;
        if (pictures.LeftOut > 0)
        {
            left += FormattableString.Invariant(
                $"The page holds {pictures.Addresses.Count:N0} pictures; {pictures.LeftOut:N0} more are named only. ");
        }

        if (items > 0)
        {
            left += FormattableString.Invariant(
                $"It holds the first questions of each run; {items:N0} more are in the runs' folders.");
        }

        return left.TrimEnd();
    }
}

/// <summary>The questions of a run.</summary>
/// <param name="Title">The run for people.</param>
/// <param name="Items">The questions.</param>
internal sealed record PageRun(string Title, IReadOnlyList<PageItem> Items);
