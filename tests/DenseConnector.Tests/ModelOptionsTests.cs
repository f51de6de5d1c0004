namespace DenseConnector.Tests;

public sealed class ModelOptionsTests
{
    [Fact]
    public void Constructor_Defaults_LeaveTheChoiceToTheModel()
    {
        ModelOptions options = new();

        Assert.Equal("auto", options.Device);
        Assert.Equal(Precision.Auto, options.Precision);
        Assert.Null(options.PromptTemplate);
        Assert.Null(options.VisionTower);
        Assert.Null(options.AuxiliaryVisionTower);
        Assert.Equal(VisionWeights.Auto, options.VisionWeights);
        Assert.Equal(MemoryMap.Auto, options.MemoryMap);
        Assert.Equal(8, options.MaxConcurrency);
        Assert.Equal(2L << 30, options.PrefixCacheBytes);
        Assert.Equal(256L << 20, options.VisualCacheBytes);
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("cpu")]
    [InlineData("cuda")]
    [InlineData("cuda:0")]
    [InlineData("cuda:15")]
    public void Device_KnownForm_IsKept(string device) =>
        Assert.Equal(device, new ModelOptions { Device = device }.Device);

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("tpu")]
    [InlineData("CPU")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda: 1")]
    [InlineData("cuda:1.5")]
    [InlineData("cuda:99999999999")]
    [InlineData("meta")]
    public void Device_OtherForm_NamesTheForms(string? device)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new ModelOptions { Device = device! });

        Assert.Equal(nameof(ModelOptions.Device), error.ParamName);
        Assert.StartsWith(
            $"'{device}' is no device; use auto, cpu, cuda or cuda:N.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CacheBytes_Negative_SaysTheRange()
    {
        Assert.StartsWith(
            "PrefixCacheBytes is -1, expected at least 0 bytes.",
            Assert.Throws<ArgumentOutOfRangeException>(() => new ModelOptions { PrefixCacheBytes = -1 }).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "VisualCacheBytes is -5, expected at least 0 bytes.",
            Assert.Throws<ArgumentOutOfRangeException>(() => new ModelOptions { VisualCacheBytes = -5 }).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-8)]
    public void MaxConcurrency_OutOfRange_SaysTheRange(int value)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(
            () => new ModelOptions { MaxConcurrency = value });

        Assert.Equal(nameof(ModelOptions.MaxConcurrency), error.ParamName);
        Assert.StartsWith(
            $"MaxConcurrency is {value}, expected at least 1.", error.Message, StringComparison.Ordinal);
    }
}
