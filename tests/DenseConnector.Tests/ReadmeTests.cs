namespace DenseConnector.Tests;

/// <summary>What the README shows is what is built.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void Program_IsTheDescribeSample()
    {
        string readme = File.ReadAllText(Path.Combine(TestData.Root, "README.md"));
        string sample = File.ReadAllText(Path.Combine(TestData.Root, "samples", "Describe", "Program.cs"));
        Assert.Contains($"```csharp\n{sample}```", readme, StringComparison.Ordinal);
    }
}
