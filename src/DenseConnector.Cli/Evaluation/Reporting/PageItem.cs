using System.Text.RegularExpressions;
using DenseConnector.Cli.Evaluation.Running;

namespace DenseConnector.Cli.Evaluation.Reporting;

/// <summary>A question as the page shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Question">What the model was asked.</param>
/// <param name="State">What became of it.</param>
/// <param name="File">The name of its picture's file; <c>null</c> without one.</param>
/// <param name="Picture">The place of its picture among those of the page; <c>null</c> if it is not among them.</param>
/// <param name="Answer">The answer; <c>null</c> if there is none.</param>
/// <param name="Parsed">What was taken from the answer.</param>
/// <param name="Expected">What would have been right.</param>
/// <param name="Score">What the answer is worth, 0 to 1.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record PageItem(
    string Name,
    string Question,
    ItemState State,
    string? File,
    int? Picture,
    string? Answer,
    string? Parsed,
    string? Expected,
    double? Score,
    string? Error)
{
    /// <summary>Makes the item of a record.</summary>
    /// <param name="item">The record.</param>
    /// <param name="picture">The place of its picture.</param>
    /// <param name="error">Why it failed; <c>null</c> if it did not.</param>
    public static PageItem Of(ItemRecord item, int? picture, string? error) => new(
        item.Name,
        item.Question,
        StateOf(item, error),
        Path.GetFileName(item.Picture),
        picture,
        item.Answer,
        item.Verdict?.Parsed,
        item.Verdict?.Expected,
        item.Verdict?.Score,
        item.Answer is null && error is not null ? WithoutFolder(error, item.Picture) : null);

    /// <summary>An error without the folder of the picture: the page is made to be shared.</summary>
    private static string WithoutFolder(string error, string? picture) => picture is null ? error : Regex.Replace(
        error,
        $"""(?<=^|[\s'"(])(?:[A-Za-z]:)?[/\\][^'"\n]*?{Regex.Escape(Path.GetFileName(picture))}""",
        Path.GetFileName(picture).Replace("$", "$$", StringComparison.Ordinal));

    private static ItemState StateOf(ItemRecord item, string? error) => item switch
    {
        { Answer: null } => error is null ? ItemState.Open : ItemState.Failed,
        { Verdict: null } => ItemState.Answered,
        { Verdict.Score: >= 1 } => ItemState.Right,
        { Verdict.Score: > 0 } => ItemState.Partly,
        _ => ItemState.Wrong,
    };
}
