using DenseConnector.Hosting;

namespace DenseConnector.Tests;

/// <summary>What users can reach is a decision: any change of it shows in a checked-in text file.</summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("public-api.txt", typeof(DenseConnectorModel))]
    [InlineData("public-api-hosting.txt", typeof(SharedModel))]
    public void PublicSurface_Assembly_IsTheOneCheckedIn(string fileName, Type member)
    {
        string found = PublicApi.Print(member.Assembly);
        string accepted = Path.Combine(TestData.Fixtures, fileName);
        string expected = File.Exists(accepted) ? File.ReadAllText(accepted).ReplaceLineEndings("\n") : string.Empty;
        if (found == expected)
        {
            return;
        }

        string output = Path.Combine(AppContext.BaseDirectory, fileName);
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
