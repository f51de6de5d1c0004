using CsCheck;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class ByteLevelDecoderTests
{
    private const int End = 256, Mark = 257;

    private static readonly ByteLevelBpe Tokenizer = new ByteLevelFile
    {
        AddedTokens = $$"""
            [{"id": {{End}}, "content": "<end>", "special": true}, {"id": {{Mark}}, "content": "\u00e9 \u4f60"}]
            """,
    }.Tokenizer(ByteLevelFile.NoRoles with { CleansUpSpaces = true });

    [Fact]
    public void Append_BytesOfOneCharacter_ComeOutTogether() =>
        Assert.Equal(["", "", "", "\U0001F600", ""], Decode([0xF0, 0x9F, 0x98, 0x80]));

    [Fact]
    public void Append_BytesThatCannotBeContinued_AreOneReplacement() =>
        Assert.Equal(["", "", "\ufffda", ""], Decode([0xE4, 0xBD, 'a']));

    [Theory]
    [InlineData(0xE0, 0x9F)]
    [InlineData(0xED, 0xA0)]
    [InlineData(0xF0, 0x8F)]
    [InlineData(0xF4, 0x90)]
    public void Append_SecondByteAlreadyWrong_IsNotHeldBack(int first, int second) =>
        Assert.Equal(["", "\ufffd\ufffd", ""], Decode([first, second]));

    [Fact]
    public void Flush_HalfCharacter_IsOneReplacement() =>
        Assert.Equal(["", "", "", "\ufffd"], Decode([0xF0, 0x9F, 0x98]));

    [Fact]
    public void Append_SpecialAmongBytes_DoesNotEndTheirRun() =>
        Assert.Equal(["", "", "\u00e9", ""], Decode([0xC3, End, 0xA9]));

    [Fact]
    public void Append_SpecialKept_EndsTheRun() =>
        Assert.Equal(["", "\ufffd<end>", "\ufffd", ""], Decode([0xC3, End, 0xA9], skipSpecialTokens: false));

    [Fact]
    public void Append_AddedToken_IsItsText() => Assert.Equal(["\u00e9 \u4f60", ""], Decode([Mark]));

    [Fact]
    public void CreateDecoder_ConfigThatCleansUp_TakesSpacesOut()
    {
        StreamingDecoder decoder = Tokenizer.CreateDecoder();

        Assert.Equal(["a", "", ".", "", " "], [.. "a . ".Select(c => decoder.Append(c)), decoder.Flush()]);
    }

    [Theory]
    [InlineData(-200)]
    [InlineData(258)]
    public void Append_IdOutsideVocabulary_Throws(int id)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => Decode([id]));

        Assert.Contains("258 tokens", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Flush_ThenNextAnswer_StartsAnew()
    {
        ByteLevelDecoder decoder = Tokenizer.CreateDecoder(true, false);

        Assert.Equal(string.Empty, decoder.Append(0xC3));
        Assert.Equal("\ufffd", decoder.Flush());
        Assert.Equal("a", decoder.Append('a'));
    }

    [Fact]
    public void Append_AnyIds_GiveTheWholeDecode() =>
        Gen.Int[0, Mark].Array[0, 20].Sample(ids =>
        {
            Assert.Equal(Tokenizer.Decode(ids), string.Concat(Decode(ids, skipSpecialTokens: false)));
            Assert.Equal(Tokenizer.Decode(ids, skipSpecialTokens: true), string.Concat(Decode(ids)));
        });

    private static string[] Decode(int[] ids, bool skipSpecialTokens = true)
    {
        ByteLevelDecoder decoder = Tokenizer.CreateDecoder(skipSpecialTokens, cleanUpSpaces: false);
        return [.. ids.Select(decoder.Append), decoder.Flush()];
    }
}
