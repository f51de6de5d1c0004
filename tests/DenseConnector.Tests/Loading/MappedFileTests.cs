using DenseConnector.Loading;
using static DenseConnector.Tests.Loading.SafetensorsBytes;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Loading;

public sealed class MappedFileTests : TensorTest
{
    private readonly TemporaryFolder _folder = new();

    protected override void DisposeTest() => _folder.Dispose();

    [Fact]
    public void TryMakeTensor_AlignedEntry_HasItsValuesAndShape()
    {
        using SafetensorsFile file = Open(Floats("a", [2, 3], 1, 2, 3, 4, 5, 6), Floats("b", [1], 7));

        using Tensor tensor = Map(file, "a")!;
        using Tensor other = Map(file, "b")!;

        Assert.Equal([2, 3], tensor.shape);
        Assert.Equal(ScalarType.Float32, tensor.dtype);
        Assert.False(tensor.requires_grad);
        Assert.Equal([1f, 2, 3, 4, 5, 6], tensor.data<float>().ToArray());
        Assert.Equal(7, other.item<float>());
    }

    [Theory]
    [InlineData("F32", 4)]
    [InlineData("BF16", 2)]
    [InlineData("F64", 8)]
    public void TryMakeTensor_BytesNotAlignedToTheElement_GivesNull(string type, int size)
    {
        using SafetensorsFile file = Open(("pad", "U8", [1], new byte[1]), ("a", type, [1], new byte[size]));
        TensorLocation location = new(file, file.Tensors["a"]);
        Assert.NotEqual(0, location.Entry.Offset % size);

        Assert.Null(TensorReading.TryMap(location, TensorReading.StoredType(location)));
    }

    [Fact]
    public void TryMakeTensor_NoElements_GivesNull()
    {
        using SafetensorsFile file = Open(("a", "F32", [0, 4], []), Floats("b", [1], 1));

        Assert.Null(Map(file, "a"));
    }

    [Theory]
    [InlineData(-4, 4)]
    [InlineData(0, long.MaxValue)]
    [InlineData(long.MaxValue, 4)]
    [InlineData(4096, 4)]
    [InlineData(0, -4)]
    public void TryMakeTensor_BytesOutsideTheFile_Throws(long offset, long length)
    {
        using SafetensorsFile file = Open(Floats("a", [1], 1));
        TensorEntry entry = new("a", TensorType.F32, [1], offset, length);

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => file.Mapped!.TryMakeTensor(entry, ScalarType.Float32));

        Assert.StartsWith(
            $"Tensor 'a' takes {length} bytes from byte {offset} on, the mapped file has ",
            error.Message,
            StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void Dispose_TensorsAlive_UnmapsWithTheLastOfThem()
    {
        SafetensorsFile file = Open(Floats("a", [2], 1, 2), Floats("b", [1], 3));
        Tensor first = Map(file, "a")!;
        Tensor again = Map(file, "a")!;
        Tensor other = Map(file, "b")!;
        Tensor view = again.narrow(0, 1, 1);

        file.Dispose();
        first.Dispose();
        other.Dispose();
        again.Dispose();

        Assert.False(_folder.HasOpenFiles());
        Assert.True(MappedRanges.Any(_folder.Path));
        Assert.Equal(2, view.item<float>());
        view.Dispose();
        Assert.False(MappedRanges.Any(_folder.Path));
    }

    [LinuxX64Fact]
    public void Dispose_NoTensor_Unmaps()
    {
        SafetensorsFile file = Open(Floats("a", [1], 1));
        Assert.NotNull(file.Mapped);
        Assert.True(MappedRanges.Any(_folder.Path));

        file.Dispose();

        Assert.False(MappedRanges.Any(_folder.Path));
        Assert.Throws<ObjectDisposedException>(() => Map(file, "a"));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(+1)]
    public void TryOpen_LengthChangedSinceOpening_GivesNull(int bytes)
    {
        using SafetensorsFile file = Open(Floats("a", [1], 1));
        using (FileStream change = new(file.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            change.SetLength(change.Length + bytes);
        }

        Assert.Null(file.Mapped);
    }

    [Fact]
    public void IsLocal_TemporaryFileAndNoFile_TellsThemApart()
    {
        Assert.True(MappedFile.IsLocal(_folder.Write("file", [1])));
        Assert.False(MappedFile.IsLocal(Path.Combine(_folder.Path, "absent")));
    }

    private static Tensor? Map(SafetensorsFile file, string name) =>
        TensorReading.TryMap(
            new TensorLocation(file, file.Tensors[name]),
            TensorReading.StoredType(new TensorLocation(file, file.Tensors[name])));

    private SafetensorsFile Open(
        params (string Name, string Type, IReadOnlyList<long> Shape, byte[] Data)[] tensors) =>
        SafetensorsFile.Open(_folder.Write("model.safetensors", Aligned(tensors)));

    /// <summary>The file with spaces behind its header, so that the first tensor is aligned.</summary>
    private static byte[] Aligned((string Name, string Type, IReadOnlyList<long> Shape, byte[] Data)[] tensors)
    {
        byte[] plain = OfTensors(tensors);
        int header = (int)BitConverter.ToInt64(plain);
        int padded = (header + 7) / 8 * 8;
        byte[] spaces = [.. Enumerable.Repeat((byte)' ', padded - header)];
        return Of([.. plain.AsSpan(8, header), .. spaces], plain.AsSpan(8 + header));
    }
}
