namespace DenseConnector.Tests;

/// <summary>What users can reach is a decision: any change of it shows in a checked-in text file.</summary>
public sealed class PublicApiTests
{
    private const string FileName = "public-api.txt";

    [Fact]
    public void PublicSurface_Assembly_IsTheOneCheckedIn()
    {
        string found = PublicApi.Print(typeof(DenseConnectorModel).Assembly);
        string accepted = Path.Combine(TestData.Fixtures, FileName);
        string expected = File.Exists(accepted) ? File.ReadAllText(accepted).ReplaceLineEndings("\n") : string.Empty;
        if (found == expected)
        {
            return;
        }

        string output = Path.Combine(AppContext.BaseDirectory, FileName);
        File.WriteAllText(output, found);
        string[] before = expected.Split('\n');
        string[] after = found.Split('\n');
        Assert.Fail(
            $"The public surface has changed.{Environment.NewLine}" +
            string.Concat(before.Except(after).Select(line => $"- {line.Trim()}{Environment.NewLine}")) +
            string.Concat(after.Except(before).Select(line => $"+ {line.Trim()}{Environment.NewLine}")) +
            $"If that is meant, accept it: cp '{output}' '{accepted}'");
    }
}
