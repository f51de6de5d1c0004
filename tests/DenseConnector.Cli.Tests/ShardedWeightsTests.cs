using DenseConnector.Loading;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests;

public sealed class ShardedWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Write_TensorsOfAnyLength_AreAlignedAsFarAsTheirLengthsAre()
    {
        (string Name, TensorType Type, IReadOnlyList<long> Shape)[] tensors =
        [
            ("odd", TensorType.I8, [7]), ("scale", TensorType.F32, [3]), ("line", TensorType.U8, [64]),
            ("half", TensorType.BF16, [5]), ("lines", TensorType.BF16, [2, 32]), ("wide", TensorType.F32, [8]),
            ("more", TensorType.I8, [3]),
        ];

        ShardedWeights.Write(_folder.Path, tensors, 1 << 20, Append);

        using CheckpointFiles files = CheckpointFiles.Open(_folder.Path);
        Assert.Equal(
            ["line", "lines", "wide", "scale", "half", "odd", "more"],
            files.Tensors.Values.OrderBy(tensor => tensor.Entry.Offset).Select(tensor => tensor.Entry.Name));
        Assert.All(["line", "lines", "wide"], name => Assert.Equal(0, files.Tensors[name].Entry.Offset % 64));
        Assert.All(files.Tensors.Values, tensor => Assert.Equal(
            0, tensor.Entry.Offset % (tensor.Entry.Type.Bits() / 8)));
        Assert.All(tensors, tensor => Assert.Equal((byte)tensor.Name.Length, ReadFirst(files.Tensors[tensor.Name])));

        void Append(SafetensorsWriter writer, string name)
        {
            (_, TensorType type, IReadOnlyList<long> shape) = tensors.Single(tensor => tensor.Name == name);
            byte[] bytes = new byte[SafetensorsWriter.ByteLength(type, shape)];
            Array.Fill(bytes, (byte)name.Length);
            writer.Append(bytes);
        }
    }

    [Fact]
    public void Write_MoreThanAShard_IsSplitAndIndexed()
    {
        ShardedWeights.Write(
            _folder.Path,
            [("a", TensorType.U8, [64]), ("b", TensorType.U8, [64]), ("c", TensorType.U8, [640])],
            128,
            (writer, name) => writer.Append(new byte[name == "c" ? 640 : 64]));

        Assert.Equal(
            ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"],
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
        using CheckpointFiles files = CheckpointFiles.Open(_folder.Path);
        Assert.Equal(["a", "b", "c"], files.Tensors.Keys.Order());
    }

    [Fact]
    public void RequireRoom_MoreThanTheDiskHas_SaysBoth()
    {
        IOException error = Assert.Throws<IOException>(
            () => ShardedWeights.RequireRoom(_folder.Path, 1L << 60));

        Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("1,152,921,504,606,846,976 bytes, the disk has ", error.Message, StringComparison.Ordinal);
        ShardedWeights.RequireRoom(_folder.Path, 1);
    }

    public void Dispose() => _folder.Dispose();

    private static byte ReadFirst(TensorLocation location)
    {
        byte[] bytes = new byte[location.Entry.ByteLength];
        location.File.Read(location.Entry, bytes.AsSpan());
        return bytes[0];
    }
}
