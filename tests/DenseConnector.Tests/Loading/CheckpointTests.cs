using System.Runtime.InteropServices;
using DenseConnector.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Loading;

public sealed class CheckpointTests : TensorTest
{
    [Fact]
    public void ThrowIfIncomplete_EverythingWrong_ListsAllInOneError()
    {
        using WeightFolder folder = new(new WeightFile().Add("right", 2).Add("mis.shaped", [2, 3], new float[6])
            .Add("extra.b", 1).Add("extra.a", 1));
        Read(folder.Checkpoint, "right", 2);
        Read(folder.Checkpoint, "mis.shaped", 3, 2);
        Read(folder.Checkpoint, "missing.one", 4, 5);
        Read(folder.Checkpoint, "missing.two");

        CheckpointException error = Assert.Throws<CheckpointException>(folder.Checkpoint.ThrowIfIncomplete);

        Assert.Equal(
            $"{folder.Path}: the weights do not fit the model that config.json describes. " +
            "2 missing: 'missing.one' [4, 5]; 'missing.two' []. " +
            "1 of another shape: 'mis.shaped' has shape [2, 3], expected [3, 2]. " +
            "2 not expected by this model: 'extra.a'; 'extra.b'.",
            error.Message);
    }

    [Fact]
    public void ThrowIfIncomplete_HundredsOfProblems_ShowsTwelveAndTheNumber()
    {
        WeightFile weights = new();
        for (int i = 0; i < 300; i++)
        {
            weights.Add($"extra.{i:D3}", 1);
        }

        using WeightFolder folder = new(weights);

        CheckpointException error = Assert.Throws<CheckpointException>(folder.Checkpoint.ThrowIfIncomplete);

        Assert.Contains("300 not expected by this model: 'extra.000'", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("'extra.011' and 288 more.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ThrowIfIncomplete_AllAskedForOrIgnored_Passes()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", 1).Add("b.c", 1));
        Read(folder.Checkpoint, "a", 1);
        folder.Checkpoint.Ignore("b");

        folder.Checkpoint.ThrowIfIncomplete();
    }

    [Fact]
    public void Ignore_Prefix_HidesWholeSegmentsOnly()
    {
        using WeightFolder folder = new(new WeightFile()
            .Add("layers.2", 1).Add("layers.2.weight", 1).Add("layers.23.weight", 1).Add("layers.2x", 1));
        folder.Checkpoint.Ignore("layers.2");

        CheckpointException error = Assert.Throws<CheckpointException>(folder.Checkpoint.ThrowIfIncomplete);

        Assert.EndsWith(
            "2 not expected by this model: 'layers.23.weight'; 'layers.2x'.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Float32_GivesTheStoredValues()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", [2, 2], 1.5f, -0f, float.MaxValue, 1e-45f));

        Tensor read = Read(folder.Checkpoint, "a", 2, 2);

        Assert.Equal([1.5f, -0f, float.MaxValue, 1e-45f], read.data<float>().ToArray());
        Assert.Equal([2, 2], read.shape);
    }

    [Fact]
    public void Read_Float16AsFloat32_IsExact()
    {
        // 1; the largest; the smallest, a subnormal; a third as rounded.
        using WeightFolder folder = new(new WeightFile().Add("a", "F16", [4], Bytes<ushort>(
            [0x3C00, 0x7BFF, 0x0001, 0x3555])));

        Tensor read = Read(folder.Checkpoint, "a", 4);

        Assert.Equal([1f, 65504f, 5.9604645e-8f, 0.333251953125f], read.data<float>().ToArray());
    }

    [Fact]
    public void Read_BFloat16AsFloat32_IsExact()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", "BF16", [3], Bytes<ushort>(
            [0x3F80, 0xC049, 0x7F7F])));

        Tensor read = Read(folder.Checkpoint, "a", 3);

        Assert.Equal([1f, -3.140625f, 3.3895314e38f], read.data<float>().ToArray());
    }

    [Fact]
    public void Read_Float64AsFloat32_RoundsToNearest()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", "F64", [2], Bytes<double>([0.1, -2])));

        Tensor read = Read(folder.Checkpoint, "a", 2);

        Assert.Equal([0.1f, -2f], read.data<float>().ToArray());
    }

    [Fact]
    public void Read_Float32AsBFloat16_RoundsToNearestEven()
    {
        // Halfway between two neighbours: once the lower one is even, once the upper one.
        using WeightFolder folder = new(new WeightFile().Add(
            "a", [3], 1f + (1f / 256), 1f + (3f / 256), 3.14159f));

        Tensor read = folder.Checkpoint.Read("a", [3], ScalarType.BFloat16, CPU, CancellationToken.None);

        Assert.Equal(ScalarType.BFloat16, read.dtype);
        Assert.Equal([1f, 1f + (4f / 256), 3.140625f], read.to(ScalarType.Float32).data<float>().ToArray());
    }

    [Fact]
    public void Read_Scalar_HasNoDimensions()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", [], 2.5f));

        Assert.Equal(2.5f, Read(folder.Checkpoint, "a").item<float>());
    }

    [Fact]
    public void Read_EmptyTensor_HasItsShape()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", [0, 4]));

        Assert.Equal([0, 4], Read(folder.Checkpoint, "a", 0, 4).shape);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Read_AnyTensor_LeavesOneTensorAlive(ScalarType type)
    {
        using WeightFolder folder = new(new WeightFile().Add("a", 1000));
        long before = LiveTensors;

        Tensor read = folder.Checkpoint.Read("a", [1000], type, CPU, CancellationToken.None);
        folder.Checkpoint.Dispose();

        Assert.Equal(before + 1, LiveTensors);
        Assert.False(read.IsInvalid);
    }

    [Fact]
    public void Read_MetaDevice_ReadsNothing()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", 3));
        int told = 0;
        folder.Checkpoint.TensorRead = () => told++;

        Tensor read = folder.Checkpoint.Read("a", [3], ScalarType.BFloat16, META, CancellationToken.None);

        Assert.Equal(DeviceType.META, read.device_type);
        Assert.Equal(ScalarType.BFloat16, read.dtype);
        Assert.Equal(0, folder.Checkpoint.BytesRead);
        Assert.Equal(0, told);
    }

    [Fact]
    public void Read_MissingOrMisshaped_StandsInOnTheMetaDevice()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", 3));

        Tensor missing = Read(folder.Checkpoint, "b", 7);
        Tensor misshaped = Read(folder.Checkpoint, "a", 4);

        Assert.Equal(DeviceType.META, missing.device_type);
        Assert.Equal([7], missing.shape);
        Assert.Equal([4], misshaped.shape);
        Assert.Equal(0, folder.Checkpoint.BytesRead);
    }

    [Theory]
    [InlineData("I64", 8)]
    [InlineData("U8", 1)]
    [InlineData("F8_E4M3", 1)]
    [InlineData("BOOL", 1)]
    public void Read_TypeThatWeightsDoNotHave_NamesFileTensorAndTypes(string type, int bytes)
    {
        using WeightFolder folder = new(new WeightFile().Add("a.weight", type, [1], new byte[bytes]));

        CheckpointException error = Assert.Throws<CheckpointException>(
            () => folder.Checkpoint.Read("a.weight", [1], ScalarType.Float32, META, CancellationToken.None));

        Assert.Equal(
            $"{Path.Combine(folder.Path, "model.safetensors")}: tensor 'a.weight' is of type {type}; " +
            "weights are F64, F32, F16 or BF16.",
            error.Message);
        Assert.Equal("a.weight", error.Tensor);
        Assert.Equal(type, error.Found);
        Assert.Equal("F64, F32, F16 or BF16", error.Expected);
    }

    [Fact]
    public void Read_Cancelled_EndsBetweenTensors()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", 1).Add("b", 1));
        using CancellationTokenSource cancel = new();
        folder.Checkpoint.TensorRead = cancel.Cancel;
        folder.Checkpoint.Read("a", [1], ScalarType.Float32, CPU, cancel.Token);

        Assert.Throws<OperationCanceledException>(
            () => folder.Checkpoint.Read("b", [1], ScalarType.Float32, CPU, cancel.Token));

        Assert.Equal(4, folder.Checkpoint.BytesRead);
    }

    [Fact]
    public void BytesRead_AfterReads_CountsStoredBytes()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", "F16", [3], new byte[6]).Add("b", 2).Add("c", 5));
        List<long> told = [];
        folder.Checkpoint.TensorRead = () => told.Add(folder.Checkpoint.BytesRead);

        Read(folder.Checkpoint, "a", 3);
        Read(folder.Checkpoint, "b", 2);

        Assert.Equal([6, 14], told);
    }

    [Fact]
    public void BytesAsked_MetaPassWithAMissingTensor_CountsWhatIsThereOnce()
    {
        using WeightFolder folder = new(new WeightFile().Add("a", 3).Add("b", 2));
        foreach (string name in new[] { "a", "a", "missing" })
        {
            folder.Checkpoint.Read(name, [3], ScalarType.Float32, META, CancellationToken.None);
        }

        Assert.Equal(12, folder.Checkpoint.BytesAsked);
    }

    [Fact]
    public void Dispose_Always_ClosesTheFileAndLeavesTheTensors()
    {
        using TemporaryFolder folder = new();
        new WeightFile().Add("a", [1], 4f).Save(folder.Path);
        Checkpoint checkpoint = Checkpoint.Open(folder.Path);
        Tensor read = Read(checkpoint, "a", 1);

        checkpoint.Dispose();

        Assert.False(folder.HasOpenFiles());
        Assert.Equal(4f, read.item<float>());
    }

    private static Tensor Read(Checkpoint checkpoint, string name, params long[] shape) =>
        checkpoint.Read(name, shape, ScalarType.Float32, CPU, CancellationToken.None);

    private static byte[] Bytes<T>(T[] values)
        where T : unmanaged =>
        MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
