namespace DenseConnector.Tests;

public sealed class GenerationOptionsTests
{
    [Fact]
    public void Constructor_Defaults_AreGreedyAndUnfiltered()
    {
        GenerationOptions options = new();

        Assert.Equal(512, options.MaxNewTokens);
        Assert.Equal(0f, options.Temperature);
        Assert.Equal(1f, options.TopP);
        Assert.Equal(0, options.TopK);
        Assert.Equal(0f, options.MinP);
        Assert.Equal(1f, options.RepetitionPenalty);
        Assert.Equal(0f, options.FrequencyPenalty);
        Assert.Equal(0f, options.PresencePenalty);
        Assert.Equal(1, options.Beams);
        Assert.Null(options.Seed);
        Assert.Null(options.PromptTemplate);
        Assert.Empty(options.StopSequences);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void MaxNewTokens_OutOfRange_SaysTheRange(int value) =>
        Refused(nameof(GenerationOptions.MaxNewTokens), $"MaxNewTokens is {value}, expected at least 1.",
            () => new GenerationOptions { MaxNewTokens = value });

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void Beams_OutOfRange_SaysTheRange(int value) =>
        Refused(nameof(GenerationOptions.Beams), $"Beams is {value}, expected at least 1 (no beam search).",
            () => new GenerationOptions { Beams = value });

    [Theory]
    [InlineData(-0.1f, "-0.1")]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    public void Temperature_OutOfRange_SaysTheRange(float value, string shown) =>
        Refused(nameof(GenerationOptions.Temperature),
            $"Temperature is {shown}, expected 0 (greedy) or a positive number.",
            () => new GenerationOptions { Temperature = value });

    [Theory]
    [InlineData(0f, "0")]
    [InlineData(1.5f, "1.5")]
    [InlineData(float.NaN, "NaN")]
    public void TopP_OutOfRange_SaysTheRange(float value, string shown) =>
        Refused(nameof(GenerationOptions.TopP), $"TopP is {shown}, expected greater than 0 and at most 1.",
            () => new GenerationOptions { TopP = value });

    [Fact]
    public void TopK_Negative_SaysTheRange() =>
        Refused(nameof(GenerationOptions.TopK), "TopK is -1, expected 0 (all tokens) or a positive number.",
            () => new GenerationOptions { TopK = -1 });

    [Theory]
    [InlineData(-0.5f, "-0.5")]
    [InlineData(1.01f, "1.01")]
    [InlineData(float.NaN, "NaN")]
    public void MinP_OutOfRange_SaysTheRange(float value, string shown) =>
        Refused(nameof(GenerationOptions.MinP), $"MinP is {shown}, expected from 0 to 1.",
            () => new GenerationOptions { MinP = value });

    [Theory]
    [InlineData(0f, "0")]
    [InlineData(-1f, "-1")]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    public void RepetitionPenalty_OutOfRange_SaysTheRange(float value, string shown) =>
        Refused(nameof(GenerationOptions.RepetitionPenalty), $"RepetitionPenalty is {shown}, expected greater than 0.",
            () => new GenerationOptions { RepetitionPenalty = value });

    [Theory]
    [InlineData(-2.01f, "-2.01")]
    [InlineData(2.01f, "2.01")]
    [InlineData(float.NaN, "NaN")]
    public void FrequencyPenalty_OutOfRange_SaysTheRange(float value, string shown) =>
        Refused(nameof(GenerationOptions.FrequencyPenalty), $"FrequencyPenalty is {shown}, expected from -2 to 2.",
            () => new GenerationOptions { FrequencyPenalty = value });

    [Theory]
    [InlineData(-2.01f, "-2.01")]
    [InlineData(2.01f, "2.01")]
    [InlineData(float.NaN, "NaN")]
    public void PresencePenalty_OutOfRange_SaysTheRange(float value, string shown) =>
        Refused(nameof(GenerationOptions.PresencePenalty), $"PresencePenalty is {shown}, expected from -2 to 2.",
            () => new GenerationOptions { PresencePenalty = value });

    [Fact]
    public void Properties_EdgesOfTheirRanges_AreAccepted()
    {
        GenerationOptions options = new()
        {
            MaxNewTokens = int.MaxValue,
            Temperature = float.Epsilon,
            TopP = float.Epsilon,
            TopK = int.MaxValue,
            MinP = 1,
            RepetitionPenalty = float.Epsilon,
            FrequencyPenalty = 2,
            PresencePenalty = -2,
            Seed = long.MinValue,
        };

        Assert.Equal(options, options with { });
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void StopSequences_WithAnEmptyText_Throws(string? text)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => new GenerationOptions { StopSequences = ["x", text!] });

        Assert.Equal(nameof(GenerationOptions.StopSequences), error.ParamName);
        Assert.Contains("at least one character", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StopSequences_Null_Throws() =>
        Assert.Throws<ArgumentException>(() => new GenerationOptions { StopSequences = null! });

    [Fact]
    public void StopSequences_CallersListChangedLater_KeepsItsOwn()
    {
        List<string> texts = ["a", "b"];
        GenerationOptions options = new() { StopSequences = texts };

        texts[0] = "changed";
        texts.Clear();

        Assert.Equal(["a", "b"], options.StopSequences);
    }

    [Fact]
    public void StopSequences_SeenAsAList_CannotBeWritten()
    {
        IList<string> texts = (IList<string>)new GenerationOptions { StopSequences = ["a"] }.StopSequences;

        Assert.Throws<NotSupportedException>(() => texts[0] = "changed");
        Assert.IsNotType<string[]>(texts);
    }

    private static void Refused(string property, string message, Func<GenerationOptions> make)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(make);
        Assert.Equal(property, error.ParamName);
        Assert.StartsWith(message + " (Parameter", error.Message, StringComparison.Ordinal);
    }
}
