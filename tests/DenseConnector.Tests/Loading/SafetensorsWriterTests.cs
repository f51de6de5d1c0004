using DenseConnector.Loading;

namespace DenseConnector.Tests.Loading;

public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "model.safetensors");

    [Fact]
    public void Complete_TensorsOfSeveralTypes_AreReadBack()
    {
        using (SafetensorsWriter writer = new(
            File,
            [("a", TensorType.U8, [3]), ("b\"ä", TensorType.BF16, [2, 2]), ("empty", TensorType.F32, [0, 5])],
            new Dictionary<string, string> { ["format"] = "pt" }))
        {
            writer.Append([1, 2]);
            writer.Append([3, 10, 11, 12]);
            writer.Append([13, 14, 15, 16, 17]);
            writer.Complete();
        }

        using SafetensorsFile file = SafetensorsFile.Open(File);
        Assert.Equal(["a", "b\"ä", "empty"], file.Tensors.Keys);
        Assert.Equal([2, 2], file.Tensors["b\"ä"].Shape);
        Assert.Equal([10, 11, 12, 13, 14, 15, 16, 17], Read(file, "b\"ä"));
        Assert.Equal([1, 2, 3], Read(file, "a"));
        Assert.Equal(0, file.Tensors["a"].Offset % SafetensorsWriter.Alignment);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void FirstTensor_NamesOfAnyLength_IsAligned(int length)
    {
        using (SafetensorsWriter writer = new(File, [(new string('n', length), TensorType.U8, [1])]))
        {
            writer.Append([1]);
            writer.Complete();
        }

        using SafetensorsFile file = SafetensorsFile.Open(File);
        Assert.Equal(0, file.Tensors.Values.Single().Offset % SafetensorsWriter.Alignment);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Complete_OtherNumberOfBytes_ThrowsAndLeavesNothing(int bytes)
    {
        using (SafetensorsWriter writer = new(File, [("a", TensorType.F32, [1])]))
        {
            writer.Append(new byte[bytes]);
            Assert.Throws<InvalidOperationException>(writer.Complete);
        }

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Dispose_BeforeTheEnd_KeepsTheOldFile()
    {
        System.IO.File.WriteAllText(File, "old");
        using (SafetensorsWriter writer = new(File, [("a", TensorType.F32, [1])]))
        {
            writer.Append(new byte[4]);
        }

        Assert.Equal("old", System.IO.File.ReadAllText(File));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private static unsafe byte[] Read(SafetensorsFile file, string name)
    {
        byte[] bytes = new byte[file.Tensors[name].ByteLength];
        fixed (byte* address = bytes)
        {
            file.Read(file.Tensors[name], address, bytes.Length);
        }

        return bytes;
    }
}
