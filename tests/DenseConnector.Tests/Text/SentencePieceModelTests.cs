using CsCheck;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class SentencePieceModelTests
{
    [Fact]
    public void Parse_SmallModel_ReadsPiecesAndSettings()
    {
        SentencePieceModel model = new ModelFile { DummyPrefix = false }
            .AddBasics().Add("ab", -1.5f).Add("<x>", 0, SentencePieceType.UserDefined).Parse();

        Assert.Equal(new SentencePiece("ab", -1.5f, SentencePieceType.Normal), model.Pieces[3]);
        Assert.Equal(SentencePieceType.UserDefined, model.Pieces[4].Type);
        Assert.Equal(0, model.UnknownId);
        Assert.False(model.AddDummyPrefix);
        Assert.Null(model.ByteIds);
    }

    [Fact]
    public void Parse_ByteFallback_FindsAllBytes()
    {
        SentencePieceModel model = ModelFile.WithBytes("a").Parse();

        Assert.Equal(Enumerable.Range(3, 256), model.ByteIds);
    }

    [Fact]
    public void Parse_UnknownFields_AreSkipped()
    {
        List<byte> bytes = [.. ModelFile.WithPieces("a").ToBytes()];
        ModelFile.WriteNumber(bytes, 77, 5);
        ModelFile.WriteBytes(bytes, 78, [1, 2, 3]);
        bytes.AddRange([(79 << 3 | 1) & 0x7F | 0x80, 79 << 3 >> 7, 0, 0, 0, 0, 0, 0, 0, 0]);

        Assert.Equal(4, SentencePieceModel.Parse("m", bytes.ToArray()).Pieces.Count);
    }

    [Theory]
    [InlineData(1, "unigram")]
    [InlineData(3, "word")]
    [InlineData(4, "character")]
    [InlineData(99, "number 99")]
    public void Parse_NotBpe_Throws(ulong type, string found)
    {
        CheckpointException error = Throws(new ModelFile { ModelType = type }.AddBasics());

        Assert.Equal("bpe", error.Expected);
        Assert.Equal(found, error.Found);
        Assert.Contains("tokenizer.model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_NoTrainerSettings_IsUnigram()
    {
        byte[] file = ModelFile.WithPieces("a").ToBytes();
        int pieces = file.AsSpan().LastIndexOf("test_rule"u8);

        // Cut off the two settings messages that follow the pieces.
        CheckpointException error = Assert.Throws<CheckpointException>(
            () => SentencePieceModel.Parse("m", file.AsSpan(0, pieces - 4 - 7)));

        Assert.Equal("unigram", error.Found);
    }

    [Fact]
    public void Parse_CharacterMap_Throws() =>
        Assert.Contains("'test_rule'", Message(new ModelFile { CharsMap = "x" }.AddBasics()), StringComparison.Ordinal);

    [Fact]
    public void Parse_RemovesExtraSpaces_Throws() =>
        Assert.Contains(
            "remove_extra_whitespaces = true",
            Message(new ModelFile { RemoveExtraSpaces = true }.AddBasics()),
            StringComparison.Ordinal);

    [Fact]
    public void Parse_KeepsSpacesUnescaped_Throws() =>
        Assert.Contains(
            "escape_whitespaces = false",
            Message(new ModelFile { EscapeSpaces = false }.AddBasics()),
            StringComparison.Ordinal);

    [Fact]
    public void Parse_PieceTwice_Throws() =>
        Assert.Contains("second time", Message(ModelFile.WithPieces("a", "b", "a")), StringComparison.Ordinal);

    [Fact]
    public void Parse_EmptyPiece_Throws() => Throws(ModelFile.WithPieces(string.Empty));

    [Fact]
    public void Parse_PieceNotUtf8_Throws() => Throws(ModelFile.WithPieces().Add([0xC3], 0, 1));

    [Fact]
    public void Parse_PieceOfUnknownType_Throws() => Throws(ModelFile.WithPieces().Add("a"u8.ToArray(), 0, 7));

    [Fact]
    public void Parse_ScoreNotFinite_Throws() => Throws(ModelFile.WithPieces().Add("a", float.NaN));

    [Fact]
    public void Parse_PieceVeryLong_Throws() => Throws(ModelFile.WithPieces(new string('a', 513)));

    [Fact]
    public void Parse_NoUnknownPiece_Throws() => Throws(new ModelFile().Add("a", 0));

    [Fact]
    public void Parse_TwoUnknownPieces_Throws() =>
        Throws(ModelFile.WithPieces().Add("<unk2>", 0, SentencePieceType.Unknown));

    [Fact]
    public void Parse_ByteMissing_Throws() =>
        Assert.Contains(
            "<0x00>", Message(new ModelFile { ByteFallback = true }.AddBasics()), StringComparison.Ordinal);

    [Fact]
    public void Parse_BytesWithoutByteFallback_Throws() =>
        Throws(ModelFile.WithPieces().Add("<0x41>", 0, SentencePieceType.Byte));

    [Fact]
    public void Parse_Empty_Throws() => Assert.Throws<CheckpointException>(() => SentencePieceModel.Parse("m", []));

    [Fact]
    public void Parse_LengthBeyondFile_Throws()
    {
        // Field 1, four gigabytes long.
        byte[] file = [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F];

        CheckpointException error = Assert.Throws<CheckpointException>(() => SentencePieceModel.Parse("m", file));

        Assert.Contains("4,294,967,295 bytes", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0x02, 0x00 })]
    [InlineData(new byte[] { 0x0B })]
    [InlineData(new byte[] { 0x0C })]
    [InlineData(new byte[] { 0x08, 0x01 })]
    [InlineData(new byte[] { 0x39, 0x00 })]
    public void Parse_NotProtobuf_Throws(byte[] file) =>
        Assert.Throws<CheckpointException>(() => SentencePieceModel.Parse("m", file));

    [Fact]
    public void Parse_EveryTruncation_ThrowsOrReads()
    {
        byte[] file = ModelFile.WithPieces("a", "b", "ab").ToBytes();
        for (int length = 0; length < file.Length; length++)
        {
            AssertOnlyCheckpointException(file[..length]);
        }
    }

    [Fact]
    public void Parse_BitsFlipped_ThrowsOrReads()
    {
        byte[] file = ModelFile.WithBytes("a", "b", "ab", "\u2581ab").ToBytes();
        Gen.Select(Gen.Int[0, file.Length - 1], Gen.Int[0, 7]).List[1, 4].Sample(flips =>
        {
            byte[] damaged = [.. file];
            foreach ((int index, int bit) in flips)
            {
                damaged[index] ^= (byte)(1 << bit);
            }

            AssertOnlyCheckpointException(damaged);
        });
    }

    [Fact]
    public void Parse_RandomBytes_ThrowsOrReads() =>
        Gen.Byte.Array[0, 200].Sample(AssertOnlyCheckpointException);

    [Fact]
    public void Load_NoFile_Throws() =>
        Assert.Throws<CheckpointException>(() => SentencePieceModel.Load(Path.Combine(TestData.Root, "absent.model")));

    private static void AssertOnlyCheckpointException(byte[] file)
    {
        try
        {
            // What can be read must also work.
            SentencePieceModel model = SentencePieceModel.Parse("m", file);
            new SentencePieceBpe(model, new TokenizerSettings()).EncodeToIds("ab \u00e9\U0001F600 a");
        }
        catch (CheckpointException)
        {
        }
    }

    private static CheckpointException Throws(ModelFile file) => Assert.Throws<CheckpointException>(file.Parse);

    private static string Message(ModelFile file) => Throws(file).Message;
}
