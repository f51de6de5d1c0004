using System.Buffers;
using DenseConnector.Text;
using Microsoft.ML.Tokenizers;

namespace DenseConnector.Tests.Text;

public sealed class SentencePieceBpeTests
{
    // Ids: "<unk>" 0, "<s>" 1, "</s>" 2, bytes 3 to 258, then these from 259.
    private static readonly ModelFile Model = ModelFile.WithBytes("\u2581a", "ab", "\u2581\u2581", "\u2581", "a", "b");

    private const int SpaceA = 259, Ab = 260, TwoSpaces = 261, Space = 262, A = 263, B = 264;

    [Fact]
    public void EncodeToIds_Default_AddsBosAndPrefix() =>
        Assert.Equal([1, SpaceA, Ab], Model.Tokenizer(new TokenizerSettings()).EncodeToIds("aab"));

    [Fact]
    public void EncodeToIds_AddsEos_EndsWithIt() =>
        Assert.Equal([1, SpaceA, 2], Model.Tokenizer(new TokenizerSettings { AddEos = true }).EncodeToIds("a"));

    [Fact]
    public void EncodeToIds_Empty_IsBosAlone() =>
        Assert.Equal([1], Model.Tokenizer(new TokenizerSettings()).EncodeToIds(string.Empty));

    [Theory]
    [InlineData(true, "a</s>a", new[] { SpaceA, 2, SpaceA })]
    [InlineData(false, "a</s>a", new[] { SpaceA, 2, A })]
    [InlineData(true, "</s>a", new[] { 2, SpaceA })]
    [InlineData(false, "</s>a", new[] { 2, A })]
    [InlineData(false, " </s>a", new[] { TwoSpaces, 2, A })]
    [InlineData(false, "</s> a", new[] { 2, SpaceA })]
    [InlineData(false, "\u2581", new[] { TwoSpaces })]
    public void EncodeToIds_SpecialToken_FollowsTheLegacyRule(bool legacy, string text, int[] expected)
    {
        SentencePieceBpe tokenizer = Model.Tokenizer(new TokenizerSettings { AddBos = false, Legacy = legacy });

        Assert.Equal(expected, tokenizer.EncodeToIds(text));
    }

    [Fact]
    public void EncodeToIds_ModelWithoutDummyPrefix_AddsNone()
    {
        SentencePieceBpe tokenizer =
            new ModelFile { DummyPrefix = false }.AddBasics().AddNormal("a", "\u2581a").Tokenizer();

        Assert.Equal([3], tokenizer.EncodeToIds("a"));
    }

    [Fact]
    public void EncodeToIds_LoneSurrogate_IsReplacementCharacter()
    {
        SentencePieceBpe tokenizer = Model.Tokenizer();

        // Not as InlineData: an attribute's strings are stored as UTF-8 and could not hold these.
        Assert.Equal(tokenizer.EncodeToIds("\ufffd"), tokenizer.EncodeToIds("\ud800"));
        Assert.Equal(tokenizer.EncodeToIds("a\ufffdb"), tokenizer.EncodeToIds("a\udc00b"));
        Assert.Equal(
            tokenizer.EncodeToIds("\ufffd\U0001F600\ufffd"), tokenizer.EncodeToIds("\ud83d\ud83d\ude00\ude00"));
    }

    [Fact]
    public void EncodeToIds_AddedTokenThatStrips_DropsSpaceBesideIt()
    {
        SentencePieceBpe tokenizer = Model.Tokenizer(new TokenizerSettings
        {
            AddBos = false,
            AddedTokens = new Dictionary<int, AddedToken>
            {
                [265] = new("<x>", LeftStrip: true, RightStrip: true),
                [266] = new("<y>"),
            },
        });

        Assert.Equal([SpaceA, 265, SpaceA, Space, 266, SpaceA], tokenizer.EncodeToIds("a \n<x>\u3000a <y>a"));
    }

    [Fact]
    public void EncodeToIds_SpecialTokenNotInVocabulary_IsAddedAtItsEnd()
    {
        SentencePieceBpe tokenizer = Model.Tokenizer(new TokenizerSettings
        {
            AddBos = false,
            SpecialTokens = ["<s>", "</s>", "<unk>", "[PAD]"],
        });

        Assert.Equal(265, tokenizer.IdOf("[PAD]"));
        Assert.Equal(266, tokenizer.VocabularySize);
        Assert.True(tokenizer.IsSpecial(265));
        Assert.Equal([265], tokenizer.EncodeToIds("[PAD]"));
    }

    [Fact]
    public void EncodeToTokens_MixedText_GivesOffsetsOfTheText()
    {
        SentencePieceBpe tokenizer = Model.Tokenizer(new TokenizerSettings());

        IReadOnlyList<EncodedToken> tokens = tokenizer.EncodeToTokens("bb \u00e9</s>b", out string? normalized);

        Assert.Null(normalized);
        Assert.Equal(
            [
                new EncodedToken(1, "<s>", 0..0),
                new EncodedToken(Space, "\u2581", 0..0),
                new EncodedToken(B, "b", 0..1),
                new EncodedToken(B, "b", 1..2),
                new EncodedToken(Space, "\u2581", 2..3),
                new EncodedToken(3 + 0xC3, "<0xC3>", 3..3),
                new EncodedToken(3 + 0xA9, "<0xA9>", 3..4),
                new EncodedToken(2, "</s>", 4..8),
                new EncodedToken(Space, "\u2581", 8..8),
                new EncodedToken(B, "b", 8..9),
            ],
            tokens);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EncodeToTokens_AnyRule_OffsetsCoverTheTextInOrder(bool legacy)
    {
        const string text = "  a b</s> ab\U0001F600 </s>";
        SentencePieceBpe tokenizer = Model.Tokenizer(new TokenizerSettings { Legacy = legacy, AddEos = true });

        int end = 0;
        foreach (EncodedToken token in tokenizer.EncodeToTokens(text, out _))
        {
            Assert.Equal(end, token.Offset.Start.Value);
            end = token.Offset.End.Value;
        }

        Assert.Equal(text.Length, end);
    }

    [Fact]
    public void EncodeToIds_LimitedCount_SaysHowMuchTextIsConsumed()
    {
        SentencePieceBpe tokenizer = Model.Tokenizer();

        IReadOnlyList<int> ids = tokenizer.EncodeToIds("aab b", 2, out _, out int consumed);

        Assert.Equal([SpaceA, Ab], ids);
        Assert.Equal(3, consumed);
        Assert.Equal(3, tokenizer.GetIndexByTokenCount("aab b", 2, out _, out int count));
        Assert.Equal(2, count);
        Assert.Equal(4, tokenizer.CountTokens("aab b"));
    }

    [Fact]
    public void Decode_SpecialTokens_AreKeptWithTheLegacySpace()
    {
        int[] ids = [1, SpaceA, 2, Ab];

        Assert.Equal("<s> a</s>ab", Model.Tokenizer().Decode(ids));
        Assert.Equal("<s> a</s>ab", Model.Tokenizer(new TokenizerSettings { Legacy = false }).Decode(ids));
        Assert.Equal("aab", Model.Tokenizer().Decode(ids, skipSpecialTokens: true));
    }

    [Fact]
    public void Decode_IntoBuffer_IsAllOrNothing()
    {
        SentencePieceBpe tokenizer = Model.Tokenizer();
        char[] buffer = new char[4];

        OperationStatus status = tokenizer.Decode([A, Ab], buffer, out int consumed, out int written);
        Assert.Equal((OperationStatus.Done, 2, 3), (status, consumed, written));
        Assert.Equal("aab", buffer.AsSpan(0, 3).ToString());

        status = tokenizer.Decode([A, Ab, Ab], buffer, out consumed, out written);
        Assert.Equal((OperationStatus.DestinationTooSmall, 0, 0), (status, consumed, written));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(265)]
    public void Decode_IdOutsideVocabulary_Throws(int id) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Model.Tokenizer().Decode([id]));

    [Fact]
    public void EncodeToIds_ManyThreads_GiveTheSame()
    {
        SentencePieceBpe tokenizer = Model.Tokenizer();
        string text = string.Concat(Enumerable.Repeat("ab a\u00e9", 500));
        IReadOnlyList<int> expected = tokenizer.EncodeToIds(text);

        Parallel.For(0, 16, _ => Assert.Equal(expected, tokenizer.EncodeToIds(text)));
    }
}
