using CsCheck;
using DenseConnector.Loading;
using Xunit.Abstractions;
using static DenseConnector.Tests.Loading.PickleBytes;

namespace DenseConnector.Tests.Loading;

public sealed class PickleFileTests(PickleFileTests.Report report) : IClassFixture<PickleFileTests.Report>, IDisposable
{
    public sealed class Report(IMessageSink messages) : SuiteReport("pickle files", messages);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // ---- Files that are valid

    [Fact]
    public void Open_TwoTensors_GivesTypeShapeAndBytes()
    {
        byte[] pickle = Of(Dictionary(
            ("a", Tensor(Storage("FloatStorage", "0", 6), 0, [2, 3], [3, 1])),
            ("b", Bytes("1", 4))));
        using PickleFile file = Open(Saved(pickle, SafetensorsBytes.Data(24), [9, 8, 7, 6]));

        Assert.Equal(["a", "b"], file.Tensors.Keys.Order());
        TensorEntry entry = file.Tensors["a"];
        Assert.Equal(("a", TensorType.F32, 24L), (entry.Name, entry.Type, entry.ByteLength));
        Assert.Equal([2, 3], entry.Shape);
        Assert.Equal(SafetensorsBytes.Data(24), ReadAll(file, "a"));
        Assert.Equal([9, 8, 7, 6], ReadAll(file, "b"));
    }

    [Theory]
    [InlineData("DoubleStorage", TensorType.F64), InlineData("FloatStorage", TensorType.F32)]
    [InlineData("HalfStorage", TensorType.F16), InlineData("BFloat16Storage", TensorType.BF16)]
    [InlineData("LongStorage", TensorType.I64), InlineData("IntStorage", TensorType.I32)]
    [InlineData("ShortStorage", TensorType.I16), InlineData("CharStorage", TensorType.I8)]
    [InlineData("ByteStorage", TensorType.U8), InlineData("BoolStorage", TensorType.BOOL)]
    public void Open_EveryStorageClass_HasItsType(string storage, object type)
    {
        int bytes = ((TensorType)type).Bits() / 8;
        byte[] pickle = Of(Dictionary(("a", Tensor(Storage(storage, "0", 3), 0, [3], [1]))));
        using PickleFile file = Open(Saved(pickle, new byte[3 * bytes]));

        Assert.Equal((TensorType)type, file.Tensors["a"].Type);
        Assert.Equal(3 * bytes, file.Tensors["a"].ByteLength);
    }

    [Fact]
    public void Open_ViewsOfOneStorage_GetTheirPart()
    {
        byte[] storage = Storage("ShortStorage", "0", 6);
        byte[] pickle = Of(Dictionary(
            ("whole", Tensor(storage, 0, [6], [1])),
            ("middle", Tensor(storage, 2, [2, 1], [1, 77])),
            ("one", Tensor(storage, 5, [], [])),
            ("none", Tensor(storage, 6, [0, 3], [1, 1]))));
        using PickleFile file = Open(Saved(pickle, SafetensorsBytes.Data(12)));

        Assert.Equal(SafetensorsBytes.Data(12), ReadAll(file, "whole"));
        Assert.Equal([4, 5, 6, 7], ReadAll(file, "middle"));
        Assert.Equal([10, 11], ReadAll(file, "one"));
        Assert.Empty(ReadAll(file, "none"));
        Assert.Equal([0, 3], file.Tensors["none"].Shape);
    }

    [Fact]
    public void Open_ParameterSizeAndAttributes_AreUnwrapped()
    {
        byte[] size = Call(Global("torch", "Size"), Ints(4));
        byte[] tensor = Call(
            Global("torch._utils", "_rebuild_tensor_v2"),
            Storage("ByteStorage", "0", 4), Int(0), size, Ints(1), False, OrderedDict);
        byte[] parameter = Call(Global("torch._utils", "_rebuild_parameter"), tensor, False, OrderedDict);
        byte[] metadata = Dictionary(("_metadata", Dictionary((string.Empty, Dictionary(("version", Int(1)))))));
        byte[] pickle = Of(OrderedDict, Unicode("a"), parameter, [(byte)'s'], metadata, [(byte)'b']);
        using PickleFile file = Open(Saved(pickle, [1, 2, 3, 4]));

        Assert.Equal([1, 2, 3, 4], ReadAll(file, "a"));
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(false, "a comment")]
    [InlineData(true, "")]
    [InlineData(true, "a comment")]
    public void Open_ArchiveForms_AreRead(bool zip64, string comment)
    {
        byte[] bytes = ArchiveBytes.Of(
            zip64,
            comment,
            [
                new ArchiveEntry("a folder/data.pkl", Of(Dictionary(("a", Bytes("0", 3))))),
                new ArchiveEntry("a folder/byteorder", "little"u8.ToArray()),
                new ArchiveEntry("a folder/data/0", [5, 6, 7]),
                new ArchiveEntry("a folder/.data/serialization_id", "1"u8.ToArray()),
            ]);
        using PickleFile file = Open(bytes);

        Assert.Equal([5, 6, 7], ReadAll(file, "a"));
    }

    [Fact]
    public void Open_OtherToolsArchive_IsRead()
    {
        string path = Path.Combine(_folder.Path, "zip.bin");
        using (System.IO.Compression.ZipArchive zip = System.IO.Compression.ZipFile.Open(
            path, System.IO.Compression.ZipArchiveMode.Create))
        {
            foreach (ArchiveEntry entry in Storages([1, 2, 3])
                .Append(new ArchiveEntry("x/data.pkl", Of(Dictionary(("a", Bytes("0", 3)))))))
            {
                using Stream stream = zip.CreateEntry(
                    entry.Name, System.IO.Compression.CompressionLevel.NoCompression).Open();
                stream.Write(entry.Data);
            }
        }

        using PickleFile file = PickleFile.Open(path);
        Assert.Equal([1, 2, 3], ReadAll(file, "a"));
    }

    [Fact]
    public void Open_FilesOfTorch_EqualTheirSafetensorsTwins()
    {
        int compared = 0;
        foreach (string path in TestData.ReferenceFolders.SelectMany(
            folder => Directory.EnumerateFiles(folder, "*.bin", SearchOption.AllDirectories)))
        {
            using PickleFile file = PickleFile.Open(path);
            Assert.NotEmpty(file.Tensors);
            string twin = Path.ChangeExtension(path, ".safetensors");
            twin = File.Exists(twin) ? twin : Path.Combine(
                Path.GetDirectoryName(path)!.Replace("towers-bin", "towers", StringComparison.Ordinal),
                "model.safetensors");
            if (!File.Exists(twin))
            {
                continue;
            }

            using SafetensorsFile other = SafetensorsFile.Open(twin);
            Assert.Equal(other.Tensors.Keys.Order(), file.Tensors.Keys.Order());
            Assert.All(other.Tensors.Values, entry =>
            {
                Assert.Equal(entry.Type, file.Tensors[entry.Name].Type);
                Assert.Equal(entry.Shape, file.Tensors[entry.Name].Shape);
                Assert.Equal(ReadAll(other, entry.Name), ReadAll(file, entry.Name));
            });
            report.Count("tensors equal to their twins", other.Tensors.Count);
            compared++;
        }

        Assert.True(compared >= 3, $"Only {compared} files have a twin.");
    }

    // ---- Pickles that ask for more than data

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("__builtin__", "getattr")]
    [InlineData("subprocess", "Popen")]
    [InlineData("torch.hub", "load")]
    [InlineData("torch", "load")]
    [InlineData("torch.serialization", "_get_layout")]
    [InlineData("torch._utils", "_rebuild_sparse_tensor")]
    [InlineData("torch", "QInt8Storage")]
    [InlineData("collections", "OrderedDict ")]
    [InlineData("collections.OrderedDict", "")]
    [InlineData("", "")]
    public void Open_PickleThatNamesCode_ThrowsWithItsName(string module, string name)
    {
        CheckpointException error = AssertRefused(
            Saved(Of(Call(Global(module, name), Unicode("touch /tmp/owned")))), $"names '{module}.{name}'");

        Assert.Equal($"{module}.{name}", error.Found);
    }

    [Theory]
    [InlineData('i'), InlineData('o'), InlineData('0'), InlineData('1'), InlineData('2'), InlineData('P')]
    [InlineData('l'), InlineData('d'), InlineData('I'), InlineData('S'), InlineData('V'), InlineData('F')]
    [InlineData('g'), InlineData('p'), InlineData('\u0081'), InlineData('\u0082'), InlineData('\u0083')]
    [InlineData('\u0084'), InlineData('\u008b'), InlineData('\u008c'), InlineData('\u0092'), InlineData('\u0093')]
    [InlineData('\u0094'), InlineData('\u0095'), InlineData('\u0000'), InlineData('\u00ff')]
    public void Open_OtherInstruction_Throws(char opcode) => AssertRefused(
        Saved(Of(None, None, [(byte)opcode, 0, 0, 0, 0])), "has the instruction 0x");

    [Fact]
    public void Open_StorageOutsideTheArchive_Throws() => AssertRefused(
        Saved(Of([.. Unicode("/etc/passwd"), (byte)'Q'])), "refers to something outside itself");

    [Theory]
    [InlineData("../data.pkl")]
    [InlineData("1")]
    [InlineData("")]
    public void Open_StorageNotInTheArchive_Throws(string key) => AssertRefused(
        Saved(Of(Dictionary(("a", Bytes(key, 3)))), [1, 2, 3]), $"the archive has no entry 'x/data/{key}'");

    [Fact]
    public void Open_CallWithOtherArguments_Throws()
    {
        foreach (byte[] call in new[]
        {
            Call(Global("collections", "OrderedDict"), Unicode("a")),
            Call(Global("torch", "Size"), Int(1)),
            Call(Global("torch._utils", "_rebuild_tensor_v2"), Int(1)),
            Call(Global("torch", "FloatStorage"), Int(1)),
            Call(Unicode("eval"), Unicode("1")),
            Call(Global("torch._utils", "_rebuild_parameter"), Unicode("a"), False, OrderedDict),
            [.. Global("collections", "OrderedDict"), .. None, .. Reduce],
        })
        {
            AssertRefused(Saved(Of(call)), "with arguments it does not take");
        }
    }

    // ---- Pickles that are damaged or would cost too much

    [Fact]
    public void Open_StackTooDeep_Throws()
    {
        AssertRefused(Saved(Of([.. Enumerable.Repeat((byte)'N', 10_001)])), "more than 10000 values");
        AssertRefused(Saved(Of([.. Enumerable.Repeat((byte)'(', 10_001)])), "more than 10000 values");
    }

    [Theory]
    [InlineData("q\u0001", "remembers a value as number 1 after 0")]
    [InlineData("r\u00ff\u00ff\u00ff\u00ff", "remembers a value as number 4294967295 after 0")]
    [InlineData("h\u0000", "recalls value number 0 of 0")]
    [InlineData("j\u00ff\u00ff\u00ff\u007f", "recalls value number 2147483647 of 0")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ff", "ends in the middle of an instruction")]
    [InlineData("X\u0001\u0000\u0000\u0000\u00ff", "not valid UTF-8")]
    [InlineData("cabc", "ends in the middle of an instruction")]
    [InlineData("t", "goes back to a mark where there is none")]
    [InlineData("u", "goes back to a mark where there is none")]
    [InlineData("(s", "takes a value where there is none")]
    [InlineData("(R", "takes a value where there is none")]
    [InlineData("(q\u0000", "takes a value where there is none")]
    [InlineData("(\u0085", "takes a value where there is none")]
    [InlineData("Na", "appends to nothing")]
    [InlineData("NNs", "puts 2 values into nothing")]
    [InlineData("}(Nu", "puts 1 values into a dictionary")]
    [InlineData("}NNs", "has nothing as a key")]
    [InlineData("]Nb", "gives attributes to a list")]
    [InlineData("\u008a\u0009\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0001", "an integer of 9 bytes")]
    [InlineData("N", "ends with something left over")]
    [InlineData("(", "ends with something left over")]
    public void Open_PickleNotWellFormed_Throws(string instructions, string problem) => AssertRefused(
        Saved(Of([(byte)'N', .. instructions.Select(character => (byte)character)])), problem);

    [Theory]
    [InlineData(0), InlineData(1), InlineData(2)]
    public void Open_PickleCutShort_Throws(int length) => AssertRefused(
        Saved(Of(None)[..length]), "ends in the middle of an instruction");

    [Fact]
    public void Open_OtherProtocol_Throws() =>
        AssertRefused(Saved([0x80, 4, .. Of(None)[2..]]), "protocol 2");

    [Fact]
    public void Open_BytesAfterTheEnd_Throws() =>
        AssertRefused(Saved([.. Of(OrderedDict), 0]), "ends with something left over");

    [Fact]
    public void Open_DictionaryInsideItself_IsNotWalked() => AssertRefused(
        Saved(Of([(byte)'}', (byte)'q', 0, .. Unicode("a"), (byte)'h', 0, (byte)'s'])), "is no tensor", "a");

    [Fact]
    public void Open_SameKeyTwice_Throws() => AssertRefused(
        Saved(Of(Dictionary(("a", None), ("a", None)))), "has the key 'a' twice");

    [Fact]
    public void Open_ManyIntegersOfOneByte_TakeBoundedMemory()
    {
        // Two bytes make an object and its place in a list: the most that few bytes can ask for.
        byte[] pickle = Of([(byte)']', .. Enumerable.Repeat("}a"u8.ToArray(), 500_000).SelectMany(pair => pair)]);
        byte[] bytes = Saved(pickle);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused(bytes, "holds no dictionary of tensors");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocationBound(bytes.Length));
    }

    // ---- Tensors that do not fit their storage

    [Theory]
    [InlineData(4, 0, new long[] { 4 }, new long[] { 1 }, "the archive has 6 bytes of it")]
    [InlineData(-6, 0, new long[] { 4 }, new long[] { 1 }, "the archive has 6 bytes of it")]
    [InlineData(long.MaxValue, 0, new long[] { 4 }, new long[] { 1 }, "the archive has 6 bytes of it")]
    [InlineData(6, 1, new long[] { 6 }, new long[] { 1 }, "takes elements 1 to 7 of a storage that has 6")]
    [InlineData(6, -1, new long[] { 6 }, new long[] { 1 }, "takes elements -1 to 5")]
    [InlineData(6, long.MaxValue, new long[] { 6 }, new long[] { 1 }, "of a storage that has 6")]
    [InlineData(6, 7, new long[] { 0 }, new long[] { 1 }, "takes elements 7 to 7")]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { 1, 2 }, "stored transposed or with gaps (strides [1, 2])")]
    [InlineData(6, 0, new long[] { 3 }, new long[] { 2 }, "stored transposed or with gaps")]
    [InlineData(6, 0, new long[] { 3 }, new long[] { 0 }, "stored transposed or with gaps")]
    [InlineData(6, 0, new long[] { 6 }, new long[] { 1, 1 }, "has 1 sizes, but 2 strides")]
    [InlineData(6, 0, new long[] { 1L << 62, 4 }, new long[] { 4, 1 }, "a shape of more than")]
    public void Open_TensorBeyondItsStorage_Throws(
        long count, long offset, long[] shape, long[] strides, string problem) => AssertRefused(
        Saved(
            Of(Dictionary(("a", Tensor(Storage("ByteStorage", "0", count), offset, shape, strides)))),
            SafetensorsBytes.Data(6)),
        problem,
        "a");

    [Fact]
    public void Open_NegativeSize_Throws() => AssertRefused(
        Saved(Of(Dictionary(("a", Tensor(Storage("ByteStorage", "0", 1), 0, [-1], [1])))), [1]),
        "expected integers from 0 on");

    [Fact]
    public void Open_TooManyDimensions_Throws() => AssertRefused(
        Saved(Of(Tensor(Storage("ByteStorage", "0", 1), 0, new long[65], new long[65])), [1]),
        "a tensor of 65 dimensions");

    [Fact]
    public void Open_ValueThatIsNoTensor_Throws() => AssertRefused(
        Saved(Of(Dictionary(("state_dict", Dictionary(("a", None)))))), "is no tensor", "state_dict");

    // ---- Archives

    [Fact]
    public void Open_LegacyFile_SaysSo() =>
        AssertRefused(Of(Int(0)), "is in the format of torch.save before PyTorch 1.6");

    [Theory]
    [InlineData("", "has 0 bytes")]
    [InlineData("PK\u0003", "has 3 bytes")]
    [InlineData("version https://git-lfs", "starts with the bytes 76657273, expected a ZIP archive")]
    [InlineData("PK\u0003\u0004 and no more of an archive", "no end of a ZIP directory")]
    public void Open_NoArchive_Throws(string text, string problem) =>
        AssertRefused([.. text.Select(character => (byte)character)], problem);

    [Fact]
    public void Open_CompressedOrEncryptedEntries_Throw()
    {
        ArchiveEntry pickle = new("x/data.pkl", Of(Dictionary(("a", Bytes("0", 3)))));
        ArchiveEntry storage = new("x/data/0", [1, 2, 3]);
        AssertRefused(ArchiveBytes.Of(pickle with { Method = 8 }, storage), "'x/data.pkl' is compressed");
        AssertRefused(ArchiveBytes.Of(pickle, storage with { Method = 8 }), "'x/data/0' is compressed");
        AssertRefused(ArchiveBytes.Of(pickle, storage with { Flags = 1 }), "'x/data/0' is encrypted");
    }

    [Fact]
    public void Open_EntryElsewhereThanSaid_Throws()
    {
        ArchiveEntry pickle = new("x/data.pkl", Of(Dictionary(("a", Bytes("0", 3)))));
        ArchiveEntry storage = new("x/data/0", [1, 2, 3]);
        const string Problem = "'x/data/0' does not lie where its directory says";
        AssertRefused(ArchiveBytes.Of(pickle, storage with { SaidOffset = 1 }), Problem);
        AssertRefused(ArchiveBytes.Of(pickle, storage with { SaidOffset = uint.MaxValue - 1 }), Problem);
        AssertRefused(ArchiveBytes.Of(pickle, storage with { SaidLength = 4 }), Problem);
        AssertRefused(ArchiveBytes.Of(pickle, storage with { LocalSignature = 0 }), Problem);
        AssertRefused(ArchiveBytes.Of(true, "", pickle, storage with { SaidOffset = -1 }), Problem);
        AssertRefused(ArchiveBytes.Of(true, "", pickle, storage with { SaidOffset = long.MaxValue }), Problem);
        AssertRefused(ArchiveBytes.Of(true, "", pickle, storage with { SaidLength = long.MaxValue }), Problem);
        AssertRefused(ArchiveBytes.Of(true, "", pickle, storage with { SaidLength = -1 }), Problem);
    }

    [Fact]
    public void Open_PickleLongerThanTheLimit_ThrowsBeforeReadingIt()
    {
        string path = _folder.Write(
            "long.bin", ArchiveBytes.Of(new ArchiveEntry("x/data.pkl", new byte[PickleFile.MaxPickleBytes + 1])));
        long before = GC.GetAllocatedBytesForCurrentThread();
        CheckpointException error = Assert.Throws<CheckpointException>(() => PickleFile.Open(path));
        Assert.Contains("its pickle has 16777217 bytes", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Open_ArchiveOfOtherFiles_Throws()
    {
        ArchiveEntry pickle = new("x/data.pkl", Of(OrderedDict));
        AssertRefused(ArchiveBytes.Of(new ArchiveEntry("x/readme", [])), "without a data.pkl");
        AssertRefused(ArchiveBytes.Of(new ArchiveEntry("data.pkl", Of(OrderedDict))), "without a data.pkl");
        AssertRefused(ArchiveBytes.Of(pickle, pickle with { Name = "y/data.pkl" }), "more than one data.pkl");
        AssertRefused(ArchiveBytes.Of(pickle, pickle), "has the entry 'x/data.pkl' twice");
        AssertRefused(ArchiveBytes.Of(pickle, new ArchiveEntry("x/byteorder", "big"u8.ToArray())), "big-endian");
    }

    [Fact]
    public void Open_DirectoryCutOrMisplaced_Throws()
    {
        byte[] bytes = PickleBytes.OfTensors(("a", 3));
        foreach ((int fromEnd, uint value, string problem) in new[]
        {
            (10, uint.MaxValue, "has no room for it"), // bytes of the directory
            (6, uint.MaxValue, "has no room for it"), // its place
            (6, 0u, "damaged directory"),
            (10, 46u, "3 entries in 46 bytes"),
        })
        {
            byte[] changed = [.. bytes];
            BitConverter.TryWriteBytes(changed.AsSpan(bytes.Length - fromEnd), value);
            AssertRefused(changed, problem);
        }

        AssertRefused(bytes[..^1], "no end of a ZIP directory");
    }

    // ---- Whatever the file

    [Fact]
    public void Open_DamagedFile_ThrowsOnlyCheckpointErrors()
    {
        byte[] valid = Saved(
            Of(Dictionary(
                ("a", Tensor(Storage("HalfStorage", "0", 8), 1, [2, 3], [3, 1])),
                ("model.bias", Bytes("1", 5)),
                ("c", Call(Global("torch._utils", "_rebuild_parameter"), Bytes("1", 5), False, OrderedDict)))),
            SafetensorsBytes.Data(16),
            SafetensorsBytes.Data(5));
        Gen<byte[]> flipped = Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte).Array[1, 3].Select(
            changes =>
            {
                byte[] bytes = [.. valid];
                foreach ((int at, byte value) in changes)
                {
                    bytes[at] = value;
                }

                return bytes;
            });
        Gen<byte[]> cut = Gen.Int[0, valid.Length].Select(length => valid[..length]);
        byte[][] fragments =
        [
            Mark, None, False, EmptyTuple, Reduce, OrderedDict, Unicode("a"), Int(0), Int(-1), Int(long.MaxValue),
            Ints(2, 3), Bytes("0", 5), Storage("ByteStorage", "0", 5), Global("torch", "Size"), "}"u8.ToArray(),
            "]"u8.ToArray(), "u"u8.ToArray(), "t"u8.ToArray(), "s"u8.ToArray(), "b"u8.ToArray(), "q\0"u8.ToArray(),
            "h\0"u8.ToArray(), "e"u8.ToArray(), "a"u8.ToArray(), "Q"u8.ToArray(), [0x85], [0x86], [0x87],
        ];
        Gen<byte[]> programs = Gen.Int[0, fragments.Length - 1].Array[0, 30].Select(
            parts => Saved(Of([.. parts.Select(part => fragments[part])]), SafetensorsBytes.Data(5)));
        Gen.OneOf(flipped, cut, programs).Sample(
            bytes =>
            {
                string path = _folder.Write($"{Guid.NewGuid():N}.bin", bytes);
                long before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    using PickleFile file = PickleFile.Open(path);
                    Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocationBound(bytes.Length));
                    foreach (TensorEntry entry in file.Tensors.Values)
                    {
                        Assert.InRange(entry.Offset, 0, bytes.Length - entry.ByteLength);
                        Assert.Equal(
                            entry.Shape.Aggregate(1L, (product, length) => product * length) * entry.Type.Bits() / 8,
                            entry.ByteLength);
                        Assert.Equal(
                            bytes[(int)entry.Offset..(int)(entry.Offset + entry.ByteLength)],
                            ReadAll(file, entry.Name));
                    }

                    report.Count("damaged files accepted");
                }
                catch (CheckpointException error)
                {
                    Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocationBound(bytes.Length));
                    Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
                    report.Count("damaged files refused");
                }
                finally
                {
                    File.Delete(path);
                }
            },
            iter: 5_000);
        Assert.False(_folder.HasOpenFiles());
    }

    // ---- Support

    // A fixed part for the archive's end and for exceptions with their stack traces.
    private static long AllocationBound(long fileBytes) => 300_000 + (64 * fileBytes);

    private static byte[] ReadAll(TensorFile file, string name)
    {
        byte[] bytes = new byte[file.Tensors[name].ByteLength];
        file.Read(file.Tensors[name], bytes.AsSpan());
        return bytes;
    }

    private PickleFile Open(byte[] bytes) => PickleFile.Open(_folder.Write("pytorch_model.bin", bytes));

    private CheckpointException AssertRefused(byte[] bytes, string problem, string? tensor = null)
    {
        string path = _folder.Write("hostile.bin", bytes);

        CheckpointException error = Assert.Throws<CheckpointException>(() => PickleFile.Open(path));

        Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(tensor ?? error.Tensor, error.Tensor);
        Assert.False(_folder.HasOpenFiles(), "The refused file is still open.");
        return error;
    }
}
