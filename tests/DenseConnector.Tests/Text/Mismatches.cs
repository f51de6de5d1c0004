using System.Text.Json;

namespace DenseConnector.Tests.Text;

/// <summary>Collects the differences of a golden suite and fails once, showing the first few.</summary>
internal sealed class Mismatches
{
    private const int Shown = 5, ShownIds = 40;

    private readonly List<string> _all = [];
    private long _compared;

    public void Compare(string what, string input, IReadOnlyCollection<int> expected, IReadOnlyCollection<int> found) =>
        Add(expected.SequenceEqual(found), what, input, Show(expected), Show(found));

    public void Compare(string what, string input, string expected, string found) =>
        Add(expected == found, what, input, Show(expected), Show(found));

    public void Compare(string what, string input, IReadOnlyList<string> expected, IReadOnlyList<string> found) =>
        Add(
            expected.SequenceEqual(found),
            what,
            input,
            JsonSerializer.Serialize(expected),
            JsonSerializer.Serialize(found));

    public void AssertNone()
    {
        Assert.True(_compared > 0, "Nothing was compared.");
        Assert.True(
            _all.Count == 0,
            $"{_all.Count:N0} of {_compared:N0} comparisons differ; the first are\n" +
                string.Join('\n', _all.Take(Shown)));
    }

    private void Add(bool equal, string what, string input, string expected, string found)
    {
        _compared++;
        if (!equal)
        {
            _all.Add($"{what} of {Show(input)}\n  expected {expected}\n  found    {found}");
        }
    }

    private static string Show(string text)
    {
        string shown = JsonSerializer.Serialize(text);
        return shown.Length <= 400 ? shown : $"{shown[..400]}... ({text.Length:N0} characters)";
    }

    private static string Show(IReadOnlyCollection<int> ids) =>
        $"[{string.Join(", ", ids.Take(ShownIds))}{(ids.Count > ShownIds ? $", ... ({ids.Count:N0} ids)" : "")}]";
}
