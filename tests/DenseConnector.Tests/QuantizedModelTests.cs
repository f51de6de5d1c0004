using System.Text.Json.Nodes;
using DenseConnector.Loading;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Tests;

/// <summary>Quantised models as users load them, rounded at the load or stored so.</summary>
public sealed class QuantizedModelTests(TinyModelFixture tiny) : IClassFixture<TinyModelFixture>
{
    private static readonly string[] Questions =
        [TinyModelFixture.Question, "What color is the star?", "How many shapes are there?", "Where is the circle?"];

    [Theory]
    [InlineData(Quantization.None)]
    [InlineData(Quantization.Int8)]
    [InlineData(Quantization.Int4)]
    public async Task Info_RoundedAtTheLoad_SaysTheFormat(Quantization format)
    {
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(
            TestData.TinyModel, new ModelOptions { Quantization = format });

        Assert.Equal(format, model.Info.Quantization);
        Assert.Equal(format == Quantization.None ? Precision.Float32 : Precision.BFloat16, model.Info.Precision);
        Assert.Equal(tiny.Model.Info.Parameters, model.Info.Parameters);
    }

    [Theory]
    [InlineData(Quantization.Int8, Quantization.None, Precision.Auto)]
    [InlineData(Quantization.Int8, Quantization.Int8, Precision.BFloat16)]
    [InlineData(Quantization.Int4, Quantization.None, Precision.Auto)]
    [InlineData(Quantization.Int4, Quantization.Int4, Precision.BFloat16)]
    public async Task LoadAsync_Stored_AnswersAsRoundedAtTheLoad(
        Quantization format, Quantization asked, Precision precision)
    {
        using ModelCopy copy = new ModelCopy().StoreQuantized(format);
        await using DenseConnectorModel rounded = await DenseConnectorModel.LoadAsync(
            TestData.TinyModel, new ModelOptions { Quantization = format });

        await using DenseConnectorModel stored = await DenseConnectorModel.LoadAsync(
            copy.Path, new ModelOptions { Quantization = asked, Precision = precision });

        Assert.Equal(format, stored.Info.Quantization);
        Assert.Equal(Precision.BFloat16, stored.Info.Precision);
        Assert.Equal(rounded.Info.Parameters, stored.Info.Parameters);
        foreach (string question in Questions)
        {
            Prompt prompt = new(question, tiny.Image);
            GenerationResult expected = await rounded.GenerateAsync(prompt);
            Assert.NotEmpty(expected.Text);
            Assert.Equal(expected.TokenIds, (await stored.GenerateAsync(prompt)).TokenIds);
        }
    }

    /// <summary>What is stored as it is used is mapped; what is rounded would only be read through the map.</summary>
    [LinuxX64Theory]
    [InlineData(true, MemoryMap.Auto, true)]
    [InlineData(true, MemoryMap.Never, false)]
    [InlineData(false, MemoryMap.Auto, false)]
    public async Task LoadAsync_Quantized_MapsWhatIsStoredSo(bool stored, MemoryMap map, bool expected)
    {
        using ModelCopy copy = new ModelCopy().StoreAsBFloat16();
        ModelOptions options = new() { MemoryMap = map };
        options = stored ? options : options with { Quantization = Quantization.Int4 };

        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(
            stored ? copy.StoreQuantized(Quantization.Int4).Path : copy.Path, options);

        Assert.Equal(expected, MappedRanges.Any(copy.Path));
    }

    [Fact]
    public async Task LoadAsync_StoredAndFloat32AskedFor_ComputesInIt()
    {
        using ModelCopy copy = new ModelCopy().StoreQuantized(Quantization.Int8);

        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(
            copy.Path, new ModelOptions { Precision = Precision.Float32 });

        Assert.Equal((Precision.Float32, Quantization.Int8), (model.Info.Precision, model.Info.Quantization));
        Assert.Equal(TinyModelFixture.Answer, (await model.GenerateAsync(tiny.Prompt)).Text);
    }

    [Theory]
    [InlineData(Quantization.Int8, Quantization.Int4)]
    [InlineData(Quantization.Int4, Quantization.Int8)]
    public async Task LoadAsync_AnotherFormatAskedFor_NamesBoth(Quantization format, Quantization asked)
    {
        using ModelCopy copy = new ModelCopy().StoreQuantized(format);

        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(
            () => DenseConnectorModel.LoadAsync(copy.Path, new ModelOptions { Quantization = asked }));

        Assert.Contains(
            $"Quantization is {asked}, but the checkpoint is stored in {format}",
            error.Message,
            StringComparison.Ordinal);
        Assert.Contains("--quantize", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "cuda")]
    [InlineData(true, "cuda:1")]
    [InlineData(false, "cuda")]
    public async Task LoadAsync_OnCuda_NamesDeviceAndFormat(bool stored, string device)
    {
        using ModelCopy copy = new();
        ModelOptions options = new() { Device = device };
        options = stored ? options : options with { Quantization = Quantization.Int4 };
        string model = stored ? copy.StoreQuantized(Quantization.Int4).Path : TestData.TinyModel;

        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(
            () => DenseConnectorModel.LoadAsync(model, options));

        Assert.Contains(
            $"The device is {device} and the weights are in Int4; quantised weights are for the CPU",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_StoredAndFloat16AskedFor_IsRefused()
    {
        using ModelCopy copy = new ModelCopy().StoreQuantized(Quantization.Int4);

        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(
            () => DenseConnectorModel.LoadAsync(copy.Path, new ModelOptions { Precision = Precision.Float16 }));

        Assert.Contains("computes in BFloat16 or Float32", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Any byte is a level and any scale a number; the answers are nonsense, and they end.</summary>
    [Theory]
    [InlineData(Quantization.Int8, true, null)]
    [InlineData(Quantization.Int8, true, float.NaN)]
    [InlineData(Quantization.Int8, false, float.NegativeInfinity)]
    [InlineData(Quantization.Int8, false, float.MaxValue)]
    [InlineData(Quantization.Int4, true, null)]
    [InlineData(Quantization.Int4, true, float.NaN)]
    [InlineData(Quantization.Int4, false, float.NegativeInfinity)]
    [InlineData(Quantization.Int4, false, float.MaxValue)]
    public async Task GenerateAsync_AnyBytes_EndsWithTokensOfTheVocabulary(
        Quantization format, bool anyLevels, float? scale)
    {
        Random random = new(7);
        using ModelCopy copy = new ModelCopy().StoreQuantized(format, tensors =>
        {
            foreach ((string name, ModelCopy.StoredTensor tensor) in tensors)
            {
                if (name.EndsWith("_scale", StringComparison.Ordinal) && scale is float value)
                {
                    Fill(tensor, value);
                }
                else if (anyLevels && tensor.Type is TensorType.I8 or TensorType.U8)
                {
                    random.NextBytes(tensor.Bytes);
                }
            }
        });
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(copy.Path);
        GenerationOptions[] ways =
        [
            new() { MaxNewTokens = 8 },
            new() { MaxNewTokens = 8, Temperature = 1, TopP = 0.9f, Seed = 3 },
            new() { MaxNewTokens = 8, Beams = 3 },
        ];

        foreach (GenerationOptions way in ways)
        {
            GenerationResult result = await model.GenerateAsync(tiny.Prompt, way);
            Assert.InRange(result.TokenIds.Count, 1, 8);
            Assert.All(result.TokenIds, id => Assert.InRange(id, 0, 1023));
        }
    }

    [Fact]
    public async Task LoadAsync_QuantizedByOthers_SaysWhatToTake()
    {
        using ModelCopy copy = new ModelCopy().Set("quantization_config", new JsonObject
        {
            ["quant_method"] = "gptq",
            ["bits"] = 4,
        });

        ModelConfigException error = await Assert.ThrowsAsync<ModelConfigException>(
            () => DenseConnectorModel.LoadAsync(copy.Path));

        Assert.Equal("quantization_config.quant_method", error.Path);
        Assert.Contains("is 'gptq', supported are 'denseconnector'", error.Message, StringComparison.Ordinal);
        Assert.Contains("take the checkpoint with unquantised weights", error.Message, StringComparison.Ordinal);
    }

    private static void Fill(ModelCopy.StoredTensor tensor, float scale)
    {
        bool isHalf = tensor.Type == TensorType.BF16;
        byte[] one = BitConverter.GetBytes(scale)[(isHalf ? 2 : 0)..];
        for (int at = 0; at < tensor.Bytes.Length; at += one.Length)
        {
            one.CopyTo(tensor.Bytes, at);
        }
    }
}
