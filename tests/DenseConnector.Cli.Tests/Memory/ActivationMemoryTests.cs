using DenseConnector.Cli.Memory;
using DenseConnector.Cli.Synthesis;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Tests.Memory;

public sealed class ActivationMemoryTests
{
    // SigLIP: 729 patches, each with eight rows of 1152 numbers and two of 4304; three times that.
    private const long Picture = 3 * 729 * ((8 * 1152) + (2 * 4304));

    [Fact]
    public void Of_PromptBeyondAChunk_GrowsByItsMaskAlone()
    {
        long chunk = Of("yi-34b-siglip-dci", ScalarType.BFloat16, 512);
        long longer = Of("yi-34b-siglip-dci", ScalarType.BFloat16, 513);

        // Seven query heads share a key, each with 512 rows of a boolean and a bfloat16; three times that.
        Assert.Equal(3 * 7 * 512 * 3, longer - chunk);
    }

    [Fact]
    public void Of_AnyRes_LooksAtFourTilesAtOnce()
    {
        long whole = Of("phi-2-siglip-dci", ScalarType.BFloat16, 1);
        long tiles = Of("phi-2-siglip-dci-anyres", ScalarType.BFloat16, 1);

        Assert.Equal(3 * 2 * Picture, tiles - whole);
    }

    [Fact]
    public void Of_MiniGemini_HasSixMapsMore()
    {
        long one = Of("phi-2-clip-dci", ScalarType.BFloat16, 1);
        long two = Of("phi-2-clip-dci-mini-gemini", ScalarType.BFloat16, 1);

        // 768 pixels in patches of 4, 2880 channels.
        Assert.Equal(6 * 192 * 192 * 2880L * 2, two - one);
    }

    [Fact]
    public void Of_Float32_IsTwiceAsMuchButForBooleans()
    {
        long half = Of("phi-2-siglip-dci", ScalarType.BFloat16, 100);
        long full = Of("phi-2-siglip-dci", ScalarType.Float32, 100);

        Assert.Equal((2 * half) - (3 * 100 * 100), full);
    }

    [Theory]
    [InlineData(Quantization.Int8)]
    [InlineData(Quantization.Int4)]
    public void Of_QuantizedModel_HasRoomForIntegersAndTheirProducts(Quantization format)
    {
        long none = Of("phi-2-siglip-dci", ScalarType.BFloat16, 100);
        long quantized = Of("phi-2-siglip-dci", ScalarType.BFloat16, 100, format);

        // A hundred rows of 10240, in bytes twice and in 32-bit integers; three times that.
        Assert.Equal(3 * 100 * 10240 * 6, quantized - none);
    }

    private static long Of(
        string name, ScalarType type, int tokens, Quantization format = Quantization.None) =>
        ActivationMemory.Of(Blueprint.Find(name).ReadPlan(), type, format, tokens);
}
