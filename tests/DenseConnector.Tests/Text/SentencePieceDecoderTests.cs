using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class SentencePieceDecoderTests
{
    private const int SpaceA = 259, Space = 260, A = 261;

    private static readonly ModelFile Model = ModelFile.WithBytes("\u2581a", "\u2581", "a")
        .Add("<c>", 0, SentencePieceType.Control);

    [Fact]
    public void Append_BytesOfOneCharacter_ComeOutTogether() =>
        Assert.Equal(["", "", "", "\U0001F600", ""], Decode(Bytes(0xF0, 0x9F, 0x98, 0x80)));

    [Fact]
    public void Append_BytesThatCannotBeContinued_AreOneReplacementEach() =>
        Assert.Equal(["", "", "\ufffd\ufffda", ""], Decode([.. Bytes(0xE4, 0xBD), A]));

    [Fact]
    public void Append_SecondByteAlreadyWrong_IsNotHeldBack() =>
        Assert.Equal(["", "\ufffd\ufffd", ""], Decode(Bytes(0xED, 0xA0)));

    [Fact]
    public void Flush_HalfCharacter_IsOneReplacementForEachByte() =>
        Assert.Equal(["", "", "", "\ufffd\ufffd\ufffd"], Decode(Bytes(0xF0, 0x9F, 0x98)));

    [Fact]
    public void Append_SpecialAmongBytes_DoesNotEndTheirRun() =>
        Assert.Equal(["", "", "\u00e9", ""], Decode([3 + 0xC3, 2, 3 + 0xA9]));

    [Fact]
    public void Append_FirstSpaces_AreDroppedAsTheModelPutThem()
    {
        // One by the tokenizer's own rule, a second one as SentencePiece's dummy prefix, and never a third.
        Assert.Equal(["", "", " ", "a", ""], Decode([Space, Space, Space, A]));
        Assert.Equal(["a", " a", ""], Decode([SpaceA, SpaceA]));
        Assert.Equal(["", "a", " a", ""], Decode([Space, SpaceA, SpaceA]));
    }

    [Fact]
    public void Append_NotLegacy_DropsOneSpaceOnly()
    {
        SentencePieceBpe tokenizer = Model.Tokenizer(new TokenizerSettings { Legacy = false });

        Assert.Equal(["", " ", "a", ""], Decode([Space, Space, A], tokenizer));
    }

    [Fact]
    public void Append_ControlPieceWithoutRole_IsInvisible() =>
        Assert.Equal(["a", "", "a", ""], Decode([A, 262, A]));

    [Fact]
    public void Append_UnknownPieceWithoutRole_IsItsSurface() =>
        Assert.Equal(
            ["a", " \u2047 ", ""],
            Decode([A, 0], Model.Tokenizer(new TokenizerSettings { SpecialTokens = ["<s>", "</s>"], Unknown = null })));

    [Fact]
    public void Append_AddedTokenThatIsNotSpecial_IsItsText()
    {
        SentencePieceBpe tokenizer = Model.Tokenizer(new TokenizerSettings
        {
            AddedTokens = new Dictionary<int, AddedToken> { [263] = new("<x>") },
        });

        Assert.Equal(["", "\ufffd<x>", "a", ""], Decode([3 + 0xC3, 263, A], tokenizer));
    }

    [Theory]
    [InlineData(-200)]
    [InlineData(263)]
    public void Append_IdOutsideVocabulary_Throws(int id)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(
            () => Model.Tokenizer().CreateDecoder().Append(id));

        Assert.Contains("263 tokens", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Flush_ThenNextAnswer_StartsAnew()
    {
        StreamingDecoder decoder = Model.Tokenizer().CreateDecoder();

        Assert.Equal("a", decoder.Append(SpaceA));
        Assert.Equal(string.Empty, decoder.Flush());
        Assert.Equal("a", decoder.Append(SpaceA));
    }

    private static int[] Bytes(params int[] values) => [.. values.Select(value => 3 + value)];

    private static string[] Decode(int[] ids, SentencePieceBpe? tokenizer = null)
    {
        StreamingDecoder decoder = (tokenizer ?? Model.Tokenizer()).CreateDecoder();
        return [.. ids.Select(decoder.Append), decoder.Flush()];
    }
}
