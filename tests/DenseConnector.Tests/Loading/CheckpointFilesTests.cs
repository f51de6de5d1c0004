using System.Text;
using DenseConnector.Loading;
using static DenseConnector.Tests.Loading.SafetensorsBytes;

namespace DenseConnector.Tests.Loading;

public sealed class CheckpointFilesTests : IDisposable
{
    private const string Single = "model.safetensors";
    private const string Index = "model.safetensors.index.json";
    private const string One = "model-00001-of-00002.safetensors";
    private const string Two = "model-00002-of-00002.safetensors";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_SingleFile_GivesItsTensors()
    {
        _folder.Write(Single, OfTensors(("a", 3), ("b", 2)));

        using CheckpointFiles files = CheckpointFiles.Open(_folder.Path);

        Assert.Equal(_folder.Path, files.Folder);
        Assert.Equal(Path.Combine(_folder.Path, Single), Assert.Single(files.Files).Path);
        Assert.Equal(["a", "b"], files.Tensors.Keys.Order());
        Assert.Equal([3, 4], ReadAll(files.Tensors["b"]));
    }

    [Fact]
    public void Open_Shards_JoinsTheirTensors()
    {
        WriteShards();

        using CheckpointFiles files = CheckpointFiles.Open(_folder.Path);

        Assert.Equal([One, Two], files.Files.Select(file => Path.GetFileName(file.Path)));
        Assert.Equal(["a", "b", "c"], files.Tensors.Keys.Order());
        Assert.Equal([3, 4], ReadAll(files.Tensors["b"]));
        Assert.Equal([0, 1, 2, 3], ReadAll(files.Tensors["c"]));
        Assert.Same(files.Files[1], files.Tensors["c"].File);
    }

    [Fact]
    public void Open_SingleFileAndIndex_TakesTheSingleFile()
    {
        _folder.Write(Single, OfTensors(("single", 1)));
        WriteShards();

        using CheckpointFiles files = CheckpointFiles.Open(_folder.Path);

        Assert.Equal("single", Assert.Single(files.Tensors).Key);
    }

    [Fact]
    public void Open_SafetensorsBesidePickle_TakesSafetensors()
    {
        _folder.Write("pytorch_model.bin", "PK"u8);
        WriteShards();

        using CheckpointFiles files = CheckpointFiles.Open(_folder.Path);

        Assert.Equal(3, files.Tensors.Count);
    }

    [Fact]
    public void Open_PickleShards_JoinsTheirTensors()
    {
        _folder.Write("pytorch_model-1.bin", PickleBytes.OfTensors(("a", 3), ("b", 2)));
        _folder.Write("pytorch_model-2.bin", PickleBytes.OfTensors(("c", 4)));
        _folder.Write(
            "pytorch_model.bin.index.json",
            """{"weight_map":{"a":"pytorch_model-1.bin","b":"pytorch_model-1.bin","c":"pytorch_model-2.bin"}}"""u8);

        using CheckpointFiles files = CheckpointFiles.Open(_folder.Path);

        Assert.Equal(["a", "b", "c"], files.Tensors.Keys.Order());
        Assert.Equal([0, 1, 2, 3], ReadAll(files.Tensors["c"]));
    }

    [Fact]
    public void Open_PickleIndexNamingSafetensors_Throws()
    {
        string path = _folder.Write(
            "pytorch_model.bin.index.json", """{"weight_map":{"a":"model.safetensors"}}"""u8);

        AssertRefused(path, "but a shard's name ends in '.bin'", "a");
    }

    [Fact]
    public void Open_SinglePickle_GivesItsTensors()
    {
        _folder.Write("pytorch_model.bin", PickleBytes.OfTensors(("a", 3), ("b", 2)));

        using CheckpointFiles files = CheckpointFiles.Open(_folder.Path);

        Assert.Equal(["a", "b"], files.Tensors.Keys.Order());
        Assert.Equal([0, 1], ReadAll(files.Tensors["b"]));
    }

    [Fact]
    public void TryOpen_BothFormats_TakesSafetensorsAndElsePickle()
    {
        Assert.Null(CheckpointFiles.TryOpen(_folder.Path, "mm_projector"));
        _folder.Write("mm_projector.bin", PickleBytes.OfTensors(("pickle", 3)));
        using (CheckpointFiles files = CheckpointFiles.TryOpen(_folder.Path, "mm_projector")!)
        {
            Assert.Equal("pickle", Assert.Single(files.Tensors).Key);
        }

        _folder.Write("mm_projector.safetensors", OfTensors(("safe", 3)));
        using (CheckpointFiles files = CheckpointFiles.TryOpen(_folder.Path, "mm_projector")!)
        {
            Assert.Equal("safe", Assert.Single(files.Tensors).Key);
        }
    }

    [Fact]
    public void Open_FileTheIndexDoesNotName_IsNotOpened()
    {
        WriteShards();
        _folder.Write("model-extra.safetensors", "not a safetensors file"u8);

        using CheckpointFiles files = CheckpointFiles.Open(_folder.Path);

        Assert.Equal(2, files.Files.Count);
    }

    [Fact]
    public void Open_GoldenCheckpoints_AreComplete()
    {
        string[] folders =
        [
            .. TestData.ReferenceFolders.Append(TestData.TinyModel)
                .SelectMany(root => Directory.EnumerateFiles(root, "model*.safetensors*", SearchOption.AllDirectories))
                .Select(path => Path.GetDirectoryName(path)!)
                .Distinct(),
        ];

        Assert.NotEmpty(folders);
        foreach (string folder in folders)
        {
            using CheckpointFiles files = CheckpointFiles.Open(folder);
            Assert.Equal(files.Files.Sum(file => file.Tensors.Count), files.Tensors.Count);
            Assert.Equal(Directory.GetFiles(folder, "model*.safetensors").Length, files.Files.Count);
        }
    }

    [Fact]
    public void Dispose_OpenFiles_ClosesAll()
    {
        WriteShards();
        CheckpointFiles files = CheckpointFiles.Open(_folder.Path);
        Assert.True(_folder.HasOpenFiles());

        files.Dispose();
        files.Dispose();

        Assert.False(_folder.HasOpenFiles());
    }

    // ---- Folders without weights

    [Fact]
    public void Open_MissingFolder_Throws()
    {
        string folder = Path.Combine(_folder.Path, "absent");

        CheckpointException error = Assert.Throws<CheckpointException>(() => CheckpointFiles.Open(folder));

        Assert.StartsWith($"{folder}: cannot be read as a model folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FileInsteadOfFolder_Throws()
    {
        string path = _folder.Write(Single, OfTensors(("a", 1)));

        Assert.Throws<CheckpointException>(() => CheckpointFiles.Open(path));
    }

    [Fact]
    public void Open_EmptyFolder_Throws() => AssertRefused(
        _folder.Path, $"has no weights: looked for {Single}, pytorch_model.bin, ");

    [Fact]
    public void Open_FolderOfOtherFiles_ListsSome()
    {
        foreach (int i in Enumerable.Range(1, 9))
        {
            _folder.Write($"note{i}.txt", []);
        }

        Directory.CreateDirectory(Path.Combine(_folder.Path, "checkpoint"));
        AssertRefused(_folder.Path, "found 'checkpoint', 'note1.txt', 'note2.txt', 'note3.txt', 'note4.txt'");
        AssertRefused(_folder.Path, "'note7.txt' and 2 more. Name the folder");
    }

    [Fact]
    public void Open_FolderNamedLikeTheFile_Throws()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, Single));

        AssertRefused(_folder.Path, $"found '{Single}'");
    }

    [Fact]
    public void Open_DamagedSingleFile_DoesNotFallBackToShards()
    {
        WriteShards();
        string path = _folder.Write(Single, new byte[4]);

        AssertRefused(path, "has 4 bytes");
    }

    // ---- Index and shards that disagree

    [Fact]
    public void Open_MissingShards_NamesThem()
    {
        WriteShards();
        File.Delete(Path.Combine(_folder.Path, Two));

        AssertIndexRefused($"names 2 files, of which the folder lacks 1: '{Two}'");
    }

    [Fact]
    public void Open_ShardIsFolder_Throws()
    {
        WriteShards();
        File.Delete(Path.Combine(_folder.Path, Two));
        Directory.CreateDirectory(Path.Combine(_folder.Path, Two));

        AssertIndexRefused("of which the folder lacks 1");
    }

    [Fact]
    public void Open_DamagedSecondShard_ClosesTheFirst()
    {
        WriteShards();
        string path = _folder.Write(Two, OfTensors(("c", 4)).AsSpan(..^1));

        AssertRefused(path, "tensor 'c' ends at byte 4 of the data, of which the file has 3");
    }

    [Fact]
    public void Open_TensorNotInItsShard_Throws()
    {
        WriteShards(("d", Two));

        AssertRefused(Path.Combine(_folder.Path, Two), $"tensor 'd' is not in this file, where {Index} places it", "d");
    }

    [Fact]
    public void Open_TensorInAnotherShardThanNamed_Throws()
    {
        WriteShards();
        WriteIndex(("a", One), ("b", Two), ("c", Two));

        AssertRefused(
            Path.Combine(_folder.Path, One), $"tensor 'b' is in this file, but {Index} places it in '{Two}'", "b");
    }

    [Fact]
    public void Open_TensorTheIndexDoesNotName_Throws()
    {
        WriteShards();
        WriteIndex(("a", One), ("c", Two));

        AssertRefused(
            Path.Combine(_folder.Path, One), $"tensor 'b' is in this file, but {Index} does not name it", "b");
    }

    [Fact]
    public void Open_TensorInTwoShards_Throws()
    {
        WriteShards();
        _folder.Write(Two, OfTensors(("c", 4), ("b", 2)));

        AssertRefused(Path.Combine(_folder.Path, Two), $"tensor 'b' is both in this file and in '{One}'", "b");
    }

    // ---- Hostile indexes

    [Theory]
    [InlineData("", "which is no name")]
    [InlineData("../x.safetensors", "but a shard is a plain file name")]
    [InlineData("..\\\\x.safetensors", "but a shard is a plain file name")]
    [InlineData("sub/x.safetensors", "but a shard is a plain file name")]
    [InlineData("/etc/x.safetensors", "but a shard is a plain file name")]
    [InlineData("C:x.safetensors", "but a shard is a plain file name")]
    [InlineData("C:\\\\x.safetensors", "but a shard is a plain file name")]
    [InlineData("\\\\\\\\host\\\\x.safetensors", "but a shard is a plain file name")]
    [InlineData("x.safetensors:stream.safetensors", "but a shard is a plain file name")]
    [InlineData("x\\u0000.safetensors", "but a shard is a plain file name")]
    [InlineData("x\\n.safetensors", "but a shard is a plain file name")]
    [InlineData("x*.safetensors", "but a shard is a plain file name")]
    [InlineData(".", "but a shard's name ends in '.safetensors'")]
    [InlineData("..", "but a shard's name ends in '.safetensors'")]
    [InlineData("config.json", "but a shard's name ends in '.safetensors'")]
    [InlineData("pytorch_model-00001-of-00002.bin", "but a shard's name ends in '.safetensors'")]
    [InlineData("x.safetensors.", "but a shard's name ends in '.safetensors'")]
    [InlineData("x.safetensors ", "but a shard's name ends in '.safetensors'")]
    [InlineData("CON.safetensors", "which Windows reserves for a device")]
    [InlineData("nul.safetensors", "which Windows reserves for a device")]
    [InlineData("Com1.x.safetensors", "which Windows reserves for a device")]
    [InlineData("lpt9 .safetensors", "which Windows reserves for a device")]
    public void Open_ShardNameNotPlain_Throws(string shard, string problem)
    {
        WriteMap($"\"a\":\"{shard}\"");

        AssertIndexRefused(problem, "a");
    }

    [Fact]
    public void Open_ShardNameTooLong_Throws()
    {
        WriteIndex(("a", new string('x', 300) + ".safetensors"));

        AssertIndexRefused("longer than 255 characters", "a");
    }

    [Theory]
    [InlineData("", "is not valid JSON")]
    [InlineData("{", "is not valid JSON")]
    [InlineData("{} {}", "is not valid JSON")]
    [InlineData("\ufeff{}", "is not valid JSON")]
    [InlineData("""{"weight_map":{"a":"x.safetensors",}}""", "is not valid JSON")]
    [InlineData("""{"weight_map":{"\ud800":"x.safetensors"}}""", "is not valid JSON")]
    [InlineData("""{"weight_map":{"a":"\udfff.safetensors"}}""", "is not valid JSON")]
    [InlineData("""{"\ud800":1}""", "is not valid JSON")]
    [InlineData("""{"metadata":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}""", "is not valid JSON")]
    [InlineData("[]", "holds an array, expected an object")]
    [InlineData("null", "holds null, expected an object")]
    [InlineData("{}", "has no 'weight_map'")]
    [InlineData("""{"weight_map":{}}""", "names no tensors in 'weight_map'")]
    [InlineData("""{"weight_map":[]}""", "has an array as 'weight_map', expected an object of file names")]
    [InlineData("""{"weight_map":{},"weight_map":{}}""", "has 'weight_map' twice")]
    public void Open_IndexNotOfItsForm_Throws(string index, string problem)
    {
        WriteIndexText(index);

        AssertIndexRefused(problem);
    }

    [Theory]
    [InlineData("1", "gives a number as the file of the tensor")]
    [InlineData("null", "gives null as the file of the tensor")]
    [InlineData("[\"x.safetensors\"]", "gives an array as the file of the tensor")]
    public void Open_ShardNotText_Throws(string value, string problem)
    {
        WriteMap($"\"a\":{value}");

        AssertIndexRefused(problem, "a");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("\\u0061")]
    public void Open_TensorTwiceInIndex_Throws(string again)
    {
        WriteMap($"\"a\":\"{One}\",\"{again}\":\"{Two}\"");

        AssertIndexRefused("names the tensor twice", "a");
    }

    [Fact]
    public void Open_IndexNotUtf8_Throws()
    {
        _folder.Write(Index, [.. "{\"a"u8, 0xFF, .. "\":1}"u8]);

        AssertIndexRefused("is not valid UTF-8");
    }

    [Fact]
    public void Open_IndexTooLarge_ThrowsBeforeReading()
    {
        string path = _folder.Write(Index, "{}"u8);
        using (FileStream stream = new(path, FileMode.Open))
        {
            stream.SetLength(ShardIndex.MaxBytes + 1L);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertIndexRefused("has 100000001 bytes, an index at most 100000000");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }

    [Fact]
    public void Open_IndexOfTooManyTensors_Throws()
    {
        IEnumerable<string> entries =
            Enumerable.Range(0, SafetensorsHeader.MaxKeys + 1).Select(i => $"\"{i:x}\":\"x.safetensors\"");
        WriteMap(string.Join(',', entries));

        AssertIndexRefused("names more than 1000000 tensors");
    }

    [Fact]
    public void Open_IndexIsSafetensorsFile_Throws()
    {
        _folder.Write(Index, OfTensors(("a", 1)));

        AssertIndexRefused("is not valid JSON");
    }

    // ---- Support

    private static byte[] ReadAll(TensorLocation location)
    {
        byte[] bytes = new byte[location.Entry.ByteLength];
        location.File.Read(location.Entry, bytes.AsSpan());
        return bytes;
    }

    /// <summary>One shard of a (3 bytes) and b (2), one of c (4), and their index with further entries.</summary>
    private void WriteShards(params (string Tensor, string Shard)[] more)
    {
        _folder.Write(One, OfTensors(("a", 3), ("b", 2)));
        _folder.Write(Two, OfTensors(("c", 4)));
        WriteIndex([("a", One), ("b", One), ("c", Two), .. more]);
    }

    private void WriteIndex(params (string Tensor, string Shard)[] map) =>
        WriteMap(string.Join(',', map.Select(entry => $"\"{entry.Tensor}\":\"{entry.Shard}\"")));

    private void WriteMap(string entries) =>
        WriteIndexText("{\"metadata\":{\"total_size\":9,\"more\":[1]},\"weight_map\":{" + entries + "}}\n");

    private void WriteIndexText(string json) => _folder.Write(Index, Encoding.UTF8.GetBytes(json));

    private void AssertIndexRefused(string problem, string? tensor = null) =>
        AssertRefused(Path.Combine(_folder.Path, Index), problem, tensor);

    private void AssertRefused(string file, string problem, string? tensor = null)
    {
        CheckpointException error = Assert.Throws<CheckpointException>(() => CheckpointFiles.Open(_folder.Path));

        Assert.StartsWith($"{file}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(file, error.File);
        Assert.Equal(tensor ?? error.Tensor, error.Tensor);
        Assert.False(_folder.HasOpenFiles(), "A file is still open.");
    }
}
