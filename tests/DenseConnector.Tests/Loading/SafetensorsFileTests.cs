using System.Globalization;
using System.Text;
using CsCheck;
using DenseConnector.Loading;
using Xunit.Abstractions;
using static DenseConnector.Tests.Loading.SafetensorsBytes;

namespace DenseConnector.Tests.Loading;

public sealed class SafetensorsFileTests(SafetensorsFileTests.Report report)
    : IClassFixture<SafetensorsFileTests.Report>, IDisposable
{
    public sealed class Report(IMessageSink messages) : SuiteReport("safetensors files", messages);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // ---- Files that are valid

    [Fact]
    public void Open_TwoTensors_GivesTypeShapeAndPlace()
    {
        byte[] bytes = Of(
            $"{{{Entry("b", "BF16", "[2,3]", 8, 20)},{Entry("a", "F32", "[2]", 0, 8)}}}", 20);
        using SafetensorsFile file = Open(bytes);

        Assert.Equal(["a", "b"], file.Tensors.Keys.Order());
        TensorEntry entry = file.Tensors["b"];
        Assert.Equal(("b", TensorType.BF16, 12L), (entry.Name, entry.Type, entry.ByteLength));
        Assert.Equal([2, 3], entry.Shape);
        Assert.Equal(bytes.Length - 12, entry.Offset);
        Assert.Empty(file.Metadata);
        Assert.Equal(bytes[^12..], ReadAll(file, entry));
        Assert.Equal(bytes[^20..^12], ReadAll(file, file.Tensors["a"]));
    }

    [Theory]
    [InlineData("F64", 8), InlineData("F32", 4), InlineData("F16", 2), InlineData("BF16", 2), InlineData("I64", 8)]
    [InlineData("I32", 4), InlineData("I16", 2), InlineData("I8", 1), InlineData("U8", 1), InlineData("BOOL", 1)]
    [InlineData("U16", 2), InlineData("U32", 4), InlineData("U64", 8), InlineData("F8_E4M3", 1)]
    [InlineData("F8_E5M2", 1)]
    public void Open_EveryType_HasItsSize(string type, int bytes)
    {
        using SafetensorsFile file = Open(Of($"{{{Entry("a", type, "[3]", 0, 3 * bytes)}}}", 3 * bytes));

        Assert.Equal(type, file.Tensors["a"].Type.ToString());
        Assert.Equal(8 * bytes, file.Tensors["a"].Type.Bits());
    }

    [Fact]
    public void EveryTypeOfTheEnum_IsInTheTestAbove() => Assert.Equal(15, Enum.GetValues<TensorType>().Length);

    [Fact]
    public void Open_NoTensors_IsEmpty()
    {
        using SafetensorsFile file = Open(Of("{}"));

        Assert.Empty(file.Tensors);
    }

    [Fact]
    public void Open_ScalarShape_IsOneElement()
    {
        using SafetensorsFile file = Open(Of($"{{{Entry("a", "F32", "[]", 0, 4)}}}", 4));

        Assert.Empty(file.Tensors["a"].Shape);
        Assert.Equal([0, 1, 2, 3], ReadAll(file, file.Tensors["a"]));
    }

    [Fact]
    public void Open_ZeroSizeDimension_HasNoBytes()
    {
        // Empty tensors at the start, between two others (out of order in the header), and at the end.
        using SafetensorsFile file = Open(Of(
            $"{{{Entry("last", "U8", "[4]", 4, 8)},{Entry("first", "U8", "[4]", 0, 4)}," +
            $"{Entry("start", "F32", "[0]", 0, 0)},{Entry("middle", "F32", "[5,0,7]", 4, 4)}," +
            $"{Entry("end", "F64", "[0,9223372036854775807]", 8, 8)}}}",
            8));

        Assert.Equal([5, 0, 7], file.Tensors["middle"].Shape);
        Assert.Empty(ReadAll(file, file.Tensors["middle"]));
        Assert.Equal([4, 5, 6, 7], ReadAll(file, file.Tensors["last"]));
        Assert.Equal(0, file.Tensors["end"].ByteLength);
    }

    [Fact]
    public void Open_Metadata_GivesTexts()
    {
        using SafetensorsFile file = Open(Of("""{"__metadata__":{"format":"pt","":"caf\u00e9 \ud83d\ude00"}}"""));

        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal("café 😀", file.Metadata[string.Empty]);
        Assert.Empty(file.Tensors);
    }

    [Fact]
    public void Open_NullMetadata_IsNone()
    {
        using SafetensorsFile file = Open(Of("{\"__metadata__\":null}"));

        Assert.Empty(file.Metadata);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("       ")]
    [InlineData("\n\t ")]
    public void Open_WhiteSpaceAfterHeader_IsAllowed(string space)
    {
        using SafetensorsFile file = Open(Of($"{{{Entry("a", "U8", "[2]", 0, 2)}}}{space}", 2));

        Assert.Equal([0, 1], ReadAll(file, file.Tensors["a"]));
    }

    [Fact]
    public void Open_HeaderThatLeavesDataUnaligned_IsAllowed()
    {
        string header = $"{{{Entry("a", "F64", "[1]", 0, 8)}}}";
        using SafetensorsFile file = Open(Of(header.PadRight((header.Length | 7) + 2), 8));

        Assert.NotEqual(0, file.Tensors["a"].Offset % 2);
        Assert.Equal(Data(8), ReadAll(file, file.Tensors["a"]));
    }

    [Fact]
    public void Open_UnknownKeyInDescription_IsIgnored()
    {
        const string Header =
            """{"a":{"extra":{"x":[1,{"y":null}],"x":2},"dtype":"U8","shape":[1],"data_offsets":[0,1],"extra":1}}""";
        using SafetensorsFile file = Open(Of(Header, 1));

        Assert.Equal(1, file.Tensors["a"].ByteLength);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("模型.層", "模型.層")]
    [InlineData("\\u0061\\n\\/", "a\n/")]
    [InlineData("../../etc/passwd", "../../etc/passwd")]
    public void Open_UnusualName_IsKept(string written, string name)
    {
        using SafetensorsFile file = Open(Of($"{{{Entry(written, "U8", "[1]", 0, 1)}}}", 1));

        Assert.Equal(name, Assert.Single(file.Tensors).Key);
    }

    [Fact]
    public void Open_EscapedKeysAndType_AreRead()
    {
        using SafetensorsFile file = Open(Of(
            """{"a":{"d\u0074ype":"\u0055\u0038","\u0073hape":[1],"data\u005foffsets":[0,1]}}""", 1));

        Assert.Equal(TensorType.U8, file.Tensors["a"].Type);
    }

    [Fact]
    public void Open_MostDimensions_IsAllowed()
    {
        string shape = $"[{string.Join(',', Enumerable.Repeat(1, SafetensorsHeader.MaxRank))}]";
        using SafetensorsFile file = Open(Of($"{{{Entry("a", "U8", shape, 0, 1)}}}", 1));

        Assert.Equal(SafetensorsHeader.MaxRank, file.Tensors["a"].Shape.Count);
    }

    [Fact]
    public void Open_GoldenFiles_ReadTheSameBytesAsTheFile()
    {
        foreach (string folder in TestData.ReferenceFolders.Append(TestData.TinyModel))
        {
            foreach (string path in Directory.EnumerateFiles(folder, "*.safetensors", SearchOption.AllDirectories))
            {
                byte[] bytes = File.ReadAllBytes(path);
                using SafetensorsFile file = SafetensorsFile.Open(path);
                Assert.NotEmpty(file.Tensors);
                foreach (TensorEntry entry in file.Tensors.Values)
                {
                    ReadOnlySpan<byte> expected = bytes.AsSpan((int)entry.Offset, (int)entry.ByteLength);
                    Assert.True(expected.SequenceEqual(ReadAll(file, entry)), $"{path}: {entry.Name}");
                    report.Count("tensors");
                    report.Count("bytes", entry.ByteLength);
                }

                // Nothing is left over: together the tensors are the file without its header.
                Assert.Equal(
                    bytes.Length - file.Tensors.Values.Min(entry => entry.Offset),
                    file.Tensors.Values.Sum(entry => entry.ByteLength));
                report.Count("files");
            }
        }
    }

    // ---- Files that are refused: the frame

    [Fact]
    public void Open_MissingFile_Throws()
    {
        string path = Path.Combine(_folder.Path, "absent.safetensors");

        CheckpointException error = Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path));

        Assert.StartsWith($"{path}: cannot be opened", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Folder_Throws() => Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(_folder.Path));

    [Fact]
    public void Open_EmptyFile_Throws() => AssertRefused([], "has 0 bytes, a safetensors file has at least 8");

    [Fact]
    public void Open_SevenBytes_Throws() =>
        AssertRefused(new byte[7], "has 7 bytes, a safetensors file has at least 8");

    [Fact]
    public void Open_HeaderLengthZero_Throws() =>
        AssertRefused(Of(string.Empty), "its header starts with nothing, expected '{'");

    [Fact]
    public void Open_HeaderLongerThanFile_Throws() =>
        AssertRefused([.. Length(3), .. "{}"u8], "says its header has 3 bytes, but 2 follow");

    [Fact]
    public void Open_HeaderLengthOverflowsWhenEightIsAdded_Throws() =>
        AssertRefused([.. Length(ulong.MaxValue - 3), .. "{}"u8], "says its header has 18446744073709551612 bytes");

    [Fact]
    public void Open_HeaderLengthNegativeAsSigned_Throws() =>
        AssertRefused([.. Length(1UL << 63), .. "{}"u8], "says its header has 9223372036854775808 bytes");

    [Fact]
    public void Open_HeaderLargerThanLimit_Throws()
    {
        string path = _folder.Write("large.safetensors", [.. Length(SafetensorsHeader.MaxBytes + 1), (byte)'{']);
        SetLength(path, SafetensorsHeader.MaxBytes + 1000);
        long before = GC.GetAllocatedBytesForCurrentThread();

        CheckpointException error = Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path));

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
        Assert.Contains("100000001 bytes, but at most 100000000 are accepted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_PickleArchive_Throws() =>
        AssertRefused([.. "PK\u0003\u0004"u8, .. new byte[60]], "says its header has");

    // ---- Hostile bytes at random

    [Fact]
    public void Open_DamagedFiles_ThrowCheckpointExceptionOrAreConsistent()
    {
        byte[] valid = Of(
            $"{{\"__metadata__\":{{\"format\":\"pt\"}},{Entry("layers.0.weight", "F32", "[2,3]", 0, 24)}," +
            $"{Entry("empty", "F16", "[0]", 24, 24)},{Entry("bias", "BF16", "[5]", 24, 34)}," +
            $"{Entry("scale", "F64", "[]", 34, 42)}}}  ",
            42);
        string text = Encoding.UTF8.GetString(valid, 8, valid.Length - 8 - 42);
        Gen<string> fragment = Gen.Select(Gen.Int[0, Fragments.Length - 1], i => Fragments[i]);
        Gen<byte[]> flipped = Gen.Select(Gen.Int[0, (valid.Length * 8) - 1].Array[1, 4], bits =>
        {
            byte[] bytes = [.. valid];
            foreach (int bit in bits)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }

            return bytes;
        });
        Gen<byte[]> cut = Gen.Select(Gen.Int[0, valid.Length - 1], length => valid[..length]);
        Gen<byte[]> spliced = Gen.Select(Gen.Int[0, text.Length], Gen.Int[0, 12], fragment, Gen.Int[0, 64],
            (start, length, piece, data) =>
                Of(text[..start] + piece + text[Math.Min(text.Length, start + length)..], data < 50 ? 42 : data));
        Gen<byte[]> grown = Gen.Select(fragment.Array[0, 30], Gen.Int[0, 40],
            (pieces, data) => Of('{' + string.Concat(pieces), data));
        Gen<byte[]> noise = Gen.Byte.Array[0, 200];

        Gen.OneOf(flipped, cut, spliced, grown, noise).Sample(
            bytes =>
            {
                string path = _folder.Write($"{Guid.NewGuid():N}.safetensors", bytes);
                long before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    using SafetensorsFile file = SafetensorsFile.Open(path);
                    Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < AllocationBound(bytes.Length));
                    AssertConsistent(file, bytes);
                    report.Count("damaged files accepted");
                }
                catch (CheckpointException error)
                {
                    Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < AllocationBound(bytes.Length));
                    Assert.Equal(path, error.File);
                    report.Count("damaged files refused");
                }

                File.Delete(path);
            },
            iter: 5_000);
        Assert.False(_folder.HasOpenFiles());
    }

    [Fact]
    public void Open_RandomValidFiles_ReadsEveryTensor()
    {
        Gen<int[]> shape = Gen.Int[0, 5].Array[0, 4];
        Gen<TensorType> type = Gen.Select(Gen.Int[0, 14], number => (TensorType)number);
        Gen.Select(Gen.Select(type, shape).Array[0, 12], Gen.Int[0, 1000], Gen.Int[0, 9]).Sample(
            (tensors, seed, spaces) =>
            {
                int position = 0;
                List<string> entries = [];
                foreach ((TensorType elementType, int[] dimensions) in tensors)
                {
                    int end = position + (dimensions.Aggregate(1, (a, b) => a * b) * elementType.Bits() / 8);
                    string dims = $"[{string.Join(',', dimensions)}]";
                    entries.Add(Entry($"t{entries.Count}", elementType.ToString(), dims, position, end));
                    position = end;
                }

                // The order in the header need not be that of the data.
                string[] shuffled = [.. entries];
                new Random(seed).Shuffle(shuffled);
                byte[] bytes = Of($"{{{string.Join(',', shuffled)}}}{new string(' ', spaces)}", position);
                string path = _folder.Write($"{Guid.NewGuid():N}.safetensors", bytes);
                using (SafetensorsFile file = SafetensorsFile.Open(path))
                {
                    Assert.Equal(tensors.Length, file.Tensors.Count);
                    AssertConsistent(file, bytes);
                }

                File.Delete(path);
                report.Count("random valid files");
            },
            iter: 1_000);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(100_000)]
    public void Open_ManySmallTensors_AllocatesInProportionToTheFile(int tensors)
    {
        byte[] bytes = Of($"{{{string.Join(',', Enumerable.Range(0, tensors).Select(
            i => Entry(i.ToString("x", CultureInfo.InvariantCulture), "U8", "[0]", 0, 0)))}}}");
        string path = _folder.Write("many.safetensors", bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();

        using SafetensorsFile file = SafetensorsFile.Open(path);

        Assert.Equal(tensors, file.Tensors.Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocationBound(bytes.Length));
    }

    // ---- Reading

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(250)]
    [InlineData(1000)]
    [InlineData(1001)]
    public void Read_InChunks_GivesEveryByteOnce(int chunkBytes)
    {
        string path = _folder.Write("a.safetensors", OfTensors(("a", 3), ("b", 1000), ("c", 5)));
        using SafetensorsFile file = SafetensorsFile.Open(path, chunkBytes);

        Assert.Equal(Data(1008)[3..1003], ReadAll(file, file.Tensors["b"]));
        Assert.Equal(Data(1008)[1003..], ReadAll(file, file.Tensors["c"]));
    }

    [Fact]
    public unsafe void Read_ToPointer_FillsExactlyTheLength()
    {
        using SafetensorsFile file = Open(OfTensors(("a", 4), ("b", 6)));
        byte[] memory = [.. Enumerable.Repeat((byte)0xEE, 8)];

        fixed (byte* pointer = memory)
        {
            file.Read(file.Tensors["b"], pointer + 1, 6);
        }

        Assert.Equal([0xEE, 4, 5, 6, 7, 8, 9, 0xEE], memory);
    }

    [Fact]
    public void Read_TensorsBeyondFourGigabytes_UsesWholeOffsets()
    {
        const long Large = 5_000_000_001;
        string large = Entry("large", "U8", $"[{Large}]", 0, Large);
        string small = Entry("small", "U8", "[4]", Large, Large + 4);
        string path = _folder.Write("sparse.safetensors", Of($"{{{large},{small}}}"));
        using (FileStream stream = new(path, FileMode.Open, FileAccess.Write))
        {
            stream.SetLength(stream.Length + Large);
            stream.Position = stream.Length;
            stream.Write([1, 2, 3, 4]);
        }

        using SafetensorsFile file = SafetensorsFile.Open(path);

        Assert.Equal(Large, file.Tensors["large"].ByteLength);
        Assert.Equal([1, 2, 3, 4], ReadAll(file, file.Tensors["small"]));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(0)]
    public void Read_DestinationOfOtherLength_Throws(int length)
    {
        using SafetensorsFile file = Open(OfTensors(("a", 4)));

        ArgumentException error =
            Assert.Throws<ArgumentException>(() => file.Read(file.Tensors["a"], new byte[length].AsSpan()));

        Assert.Contains($"'a' has 4 bytes, the destination {length}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public unsafe void Read_NullDestination_Throws()
    {
        using SafetensorsFile file = Open(OfTensors(("a", 4)));

        Assert.Throws<ArgumentNullException>(() => file.Read(file.Tensors["a"], null, 4));
    }

    [Fact]
    public void Read_EntryOfAnotherFile_Throws()
    {
        using SafetensorsFile one = Open(OfTensors(("a", 4)), "one.safetensors");
        using SafetensorsFile two = Open(OfTensors(("a", 4), ("b", 4)), "two.safetensors");

        Assert.Throws<ArgumentException>(() => one.Read(two.Tensors["a"], new byte[4].AsSpan()));
        Assert.Throws<ArgumentException>(() => one.Read(two.Tensors["b"], new byte[4].AsSpan()));
        Assert.Throws<ArgumentException>(() => one.Read(one.Tensors["a"] with { Offset = 0 }, new byte[4].AsSpan()));
    }

    [Fact]
    public void Read_FileCutAfterOpening_Throws()
    {
        string path = _folder.Write("a.safetensors", OfTensors(("a", 4), ("b", 100)));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (OperatingSystem.IsWindows())
        {
            Assert.Throws<IOException>(() => SetLength(path, 10));
            return;
        }

        SetLength(path, new FileInfo(path).Length - 1);

        Assert.Equal([0, 1, 2, 3], ReadAll(file, file.Tensors["a"]));
        CheckpointException error = Assert.Throws<CheckpointException>(() => ReadAll(file, file.Tensors["b"]));
        Assert.Contains("expected 1 more", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_CancelledBefore_Throws()
    {
        using SafetensorsFile file = Open(OfTensors(("a", 4)));

        Assert.Throws<OperationCanceledException>(
            () => file.Read(file.Tensors["a"], new byte[4].AsSpan(), new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Read_CancelledBetweenChunks_StopsAsync()
    {
        string path = _folder.Write("a.safetensors", OfTensors(("a", 4_000_000)));
        using SafetensorsFile file = SafetensorsFile.Open(path, chunkBytes: 1);
        using CancellationTokenSource source = new();
        byte[] destination = [.. Enumerable.Repeat((byte)0xEE, 4_000_000)];

        Task reading = Task.Run(() => file.Read(file.Tensors["a"], destination.AsSpan(), source.Token));
        SpinWait.SpinUntil(() => Volatile.Read(ref destination[0]) == 0 || reading.IsCompleted);
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.Equal(0xEE, destination[^1]);
    }

    [Fact]
    public void Read_ManyThreads_GetTheirOwnBytes()
    {
        const int Tensors = 64;
        const int Length = 10_007;
        string path = _folder.Write(
            "a.safetensors", OfTensors([.. Enumerable.Range(0, Tensors).Select(i => ($"t{i}", Length))]));
        byte[] data = Data(Tensors * Length);
        using SafetensorsFile file = SafetensorsFile.Open(path, chunkBytes: 501);

        Parallel.For(0, 8 * Tensors, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            int tensor = i * 37 % Tensors;
            Assert.Equal(data[(tensor * Length)..((tensor + 1) * Length)], ReadAll(file, file.Tensors[$"t{tensor}"]));
        });
    }

    // ---- Closing

    [Fact]
    public void Dispose_OpenFile_ClosesIt()
    {
        SafetensorsFile file = Open(OfTensors(("a", 4)));
        Assert.True(_folder.HasOpenFiles());

        file.Dispose();
        file.Dispose();

        Assert.False(_folder.HasOpenFiles());
        File.Delete(file.Path);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(0)]
    public void Read_AfterDispose_Throws(int length)
    {
        SafetensorsFile file = Open(OfTensors(("a", length)));
        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => ReadAll(file, file.Tensors["a"]));
    }

    [Fact]
    public async Task Dispose_WhileReading_EndsTheReadCleanlyAsync()
    {
        string path = _folder.Write("a.safetensors", OfTensors(("a", 4_000_000)));
        SafetensorsFile file = SafetensorsFile.Open(path, chunkBytes: 1);
        byte[] destination = [.. Enumerable.Repeat((byte)0xEE, 4_000_000)];

        Task reading = Task.Run(() => file.Read(file.Tensors["a"], destination.AsSpan()));
        SpinWait.SpinUntil(() => Volatile.Read(ref destination[0]) == 0 || reading.IsCompleted);
        file.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
        Assert.False(_folder.HasOpenFiles());
    }

    // ---- Support

    private static string[] Fragments { get; } =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", " ", "\n", "\0", "0", "1", "2", "3", "24", "34", "42", "-1", "-0",
        "1e3", "0.5", "9223372036854775807", "9223372036854775808", "18446744073709551616", "null", "true", "{}", "[]",
        "[0]", "[[[[[[[[[[[[[[[[[[", "\"a\"", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "\"F32\"", "\"U8\"", "\"bias\":",
        "\"dtype\":", "\"shape\":", "\"data_offsets\":", "\"__metadata__\":", "\"a\":{", "}}", "é", "\ufeff",
        Entry("a", "U8", "[1]", 0, 1),
    ];

    // A fixed part for exceptions with their stack traces, and some objects for each few dozen bytes of header.
    private static long AllocationBound(long fileBytes) => 100_000 + (12 * fileBytes);

    private static void SetLength(string path, long length)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        stream.SetLength(length);
    }

    private static byte[] ReadAll(SafetensorsFile file, TensorEntry entry)
    {
        byte[] bytes = new byte[entry.ByteLength];
        file.Read(entry, bytes.AsSpan());
        return bytes;
    }

    /// <summary>What holds for every file that is accepted, however it came about.</summary>
    private static void AssertConsistent(SafetensorsFile file, byte[] bytes)
    {
        int headerLength = BitConverter.ToInt32(bytes);
        Assert.Equal(bytes.Length - 8 - headerLength, file.Tensors.Values.Sum(entry => entry.ByteLength));
        int covered = 0;
        foreach (TensorEntry entry in file.Tensors.Values)
        {
            long count = entry.Shape.Aggregate(1L, (product, dimension) => product * dimension);
            Assert.Equal(count * entry.Type.Bits(), entry.ByteLength * 8);
            Assert.InRange(entry.Offset, 8 + headerLength, bytes.Length - entry.ByteLength);
            Assert.Equal(bytes[(int)entry.Offset..(int)(entry.Offset + entry.ByteLength)], ReadAll(file, entry));
            covered += file.Tensors.Values.Count(other =>
                other.Offset < entry.Offset + entry.ByteLength && entry.Offset < other.Offset + other.ByteLength);
        }

        // Each tensor that is not empty meets itself and no other.
        Assert.Equal(file.Tensors.Values.Count(entry => entry.ByteLength > 0), covered);
    }

    private SafetensorsFile Open(byte[] bytes, string name = "model.safetensors") =>
        SafetensorsFile.Open(_folder.Write(name, bytes));

    private CheckpointException AssertRefused(byte[] bytes, string problem, string? tensor = null)
    {
        string path = _folder.Write("hostile.safetensors", bytes);

        CheckpointException error = Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path));

        Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(path, error.File);
        if (tensor is not null)
        {
            Assert.Equal(tensor, error.Tensor);
        }

        Assert.False(_folder.HasOpenFiles(), "The refused file is still open.");
        return error;
    }
}
