using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Loading;

/// <summary>Which weights of a checkpoint lie over its file, and which are copied.</summary>
public sealed class CheckpointMappingTests : TensorTest
{
    private readonly TemporaryFolder _folder = new();

    protected override void DisposeTest() => _folder.Dispose();

    [LinuxX64Theory]
    [InlineData(MemoryMap.Auto, true)]
    [InlineData(MemoryMap.Always, true)]
    [InlineData(MemoryMap.Never, false)]
    public void Read_TypeAsStored_IsMappedAsAskedFor(MemoryMap map, bool mapped)
    {
        using Checkpoint checkpoint = Open(map);

        using Tensor read = Read(checkpoint, ScalarType.Float32);

        Assert.Equal(mapped, MappedRanges.Holds(_folder.Path, read));
        Assert.Equal([1f, 2, 3], read.data<float>().ToArray());
        Assert.Equal(12, checkpoint.BytesRead);
    }

    [LinuxX64Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Float64)]
    public void Read_OtherType_IsConvertedAndNothingIsMapped(ScalarType type)
    {
        using Checkpoint checkpoint = Open(MemoryMap.Always);

        using Tensor read = Read(checkpoint, type);

        Assert.False(MappedRanges.Any(_folder.Path));
        Assert.Equal(type, read.dtype);
        Assert.Equal([1f, 2, 3], read.to(ScalarType.Float32).data<float>().ToArray());
    }

    [LinuxX64Fact]
    public void Read_MisalignedInTheFile_IsCopied()
    {
        using Checkpoint checkpoint = Open(MemoryMap.Always, before: 1);

        using Tensor read = Read(checkpoint, ScalarType.Float32);

        Assert.False(MappedRanges.Holds(_folder.Path, read));
        Assert.Equal([1f, 2, 3], read.data<float>().ToArray());
    }

    [LinuxX64Fact]
    public void Read_PickledTensorAsStored_IsMappedWhereItIsAligned()
    {
        // torch.save aligns storages; in this archive the name's length, four in a row, decides.
        int mapped = 0;
        foreach (string name in new[] { "a", "aa", "aaa", "aaaa" })
        {
            _folder.Write("pytorch_model.bin", PickleBytes.Saved(
                PickleBytes.Of(PickleBytes.Dictionary(
                    (name, PickleBytes.Tensor(PickleBytes.Storage("FloatStorage", "0", 1), 0, [1], [1])))),
                BitConverter.GetBytes(1f)));
            using Checkpoint checkpoint = Checkpoint.Open(_folder.Path, memoryMap: MemoryMap.Always);

            using Tensor read = checkpoint.Read(name, [1], ScalarType.Float32, CPU, CancellationToken.None);

            bool aligned = checkpoint.Tensors[name].Entry.Offset % sizeof(float) == 0;
            Assert.Equal(aligned, MappedRanges.Holds(_folder.Path, read));
            Assert.Equal(1, read.item<float>());
            mapped += aligned ? 1 : 0;
        }

        Assert.Equal(1, mapped);
    }

    [LinuxX64Fact]
    public void Read_MetaDevice_MapsNothing()
    {
        using Checkpoint checkpoint = Open(MemoryMap.Always);

        checkpoint.Read("a", [3], ScalarType.Float32, META, CancellationToken.None).Dispose();

        Assert.False(MappedRanges.Any(_folder.Path));
    }

    [LinuxX64Fact]
    public void Dispose_WeightsAlive_ClosesTheFileAndLeavesTheWeights()
    {
        Checkpoint checkpoint = Open(MemoryMap.Always);
        Tensor read = Read(checkpoint, ScalarType.Float32);

        checkpoint.Dispose();
        File.Delete(Path.Combine(_folder.Path, "model.safetensors"));

        Assert.False(_folder.HasOpenFiles());
        Assert.Equal([1f, 2, 3], read.data<float>().ToArray());
        read.Dispose();
        Assert.False(MappedRanges.Any(_folder.Path));
    }

    private static Tensor Read(Checkpoint checkpoint, ScalarType type) =>
        checkpoint.Read("a", [3], type, CPU, CancellationToken.None);

    /// <summary>A checkpoint of one float32 tensor, so many bytes behind an aligned place in its file.</summary>
    private Checkpoint Open(MemoryMap map, int before = 0)
    {
        byte[] values = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40];
        using (SafetensorsWriter writer = new(
            Path.Combine(_folder.Path, "model.safetensors"),
            [("pad", TensorType.U8, [before]), ("a", TensorType.F32, [3])]))
        {
            writer.Append(new byte[before]);
            writer.Append(values);
            writer.Complete();
        }

        return Checkpoint.Open(_folder.Path, memoryMap: map);
    }
}
