using System.Buffers;
using CsCheck;
using DenseConnector.Text;
using Microsoft.ML.Tokenizers;

namespace DenseConnector.Tests.Text;

public sealed class ByteLevelBpeTests
{
    private const int Bc = 256, Ab = 257, Abc = 258;

    // "bc" comes before "ab"; then "a" and "bc" merge.
    private static ByteLevelFile Small => new ByteLevelFile().Merge(("b", "c"), ("a", "b"), ("a", "bc"));

    [Theory]
    [InlineData("abc", new[] { Abc })]
    [InlineData("ab", new[] { Ab })]
    [InlineData("aab", new[] { 'a', Ab })]
    [InlineData("abcabc", new[] { Abc, Abc })]
    [InlineData("ab c", new[] { Ab, ' ', 'c' })]
    [InlineData("", new int[0])]
    public void EncodeToIds_Text_MergesByRank(string text, int[] expected)
    {
        Assert.Equal(expected, Small.Tokenizer().EncodeToIds(text));
        Assert.Equal(expected.Length, Small.Tokenizer().CountTokens(text));
    }

    [Fact]
    public void EncodeToIds_EqualRanks_MergesLeftmostFirst() =>
        Assert.Equal([256, 'a'], new ByteLevelFile().Merge(("a", "a")).Tokenizer().EncodeToIds("aaa"));

    [Fact]
    public void EncodeToIds_MergeWrittenTwice_HasTheLaterRank()
    {
        ByteLevelFile file = new ByteLevelFile().Merge(("b", "c"), ("a", "b"), ("b", "c"));

        Assert.Equal([257, 'c'], file.Tokenizer().EncodeToIds("abc"));
    }

    [Theory]
    [InlineData(true, new[] { 256 })]
    [InlineData(false, new int[] { 'a', 'b' })]
    public void EncodeToIds_WholePieceIsToken_FollowsIgnoreMerges(bool ignore, int[] expected)
    {
        ByteLevelFile file = new()
        {
            ModelSettings = $"\"type\": \"BPE\", \"ignore_merges\": {(ignore ? "true" : "false")}",
        };

        Assert.Equal(expected, file.Token("ab").Tokenizer().EncodeToIds("ab"));
    }

    [Fact]
    public void EncodeToIds_AnyText_IsWhatTheDefinitionGives()
    {
        ByteLevelFile file = Small.Merge(("a", "a"), ("aa", "aa"), ("ab", "ab"), ("c", "a"), ("abc", "ca"));
        ByteLevelBpe tokenizer = file.Tokenizer();
        List<string> merges = ["b c", "a b", "a bc", "a a", "aa aa", "ab ab", "c a", "abc ca"];

        // Beyond 24 symbols another way of finding the next merge is taken.
        Gen.Char["aaabbc"].Array[0, 60].Select(text => new string(text)).Sample(text => Assert.Equal(
            Merge(text, merges), tokenizer.EncodeToTokens(text, out _).Select(token => token.Value)));
    }

    [Fact]
    public void EncodeToIds_AddedTokens_AreFoundFirstAndTheLongest()
    {
        ByteLevelBpe tokenizer = new ByteLevelFile
        {
            AddedTokens = """
                [{"id": 300, "content": "  ", "normalized": true}, {"id": 301, "content": "   ", "normalized": true},
                 {"id": 302, "content": "< >", "normalized": false, "special": true}]
                """,
        }.Tokenizer();

        Assert.Equal(['a', 301, 'b', 301, 300, 'c'], tokenizer.EncodeToIds("a   b     c"));
        Assert.Equal([' ', 302, 300], tokenizer.EncodeToIds(" < >  "));
        Assert.Equal(259, tokenizer.VocabularySize);
        Assert.Equal((true, false), (tokenizer.IsSpecial(302), tokenizer.IsSpecial(300)));
        Assert.Equal("a   b", tokenizer.Decode(['a', 301, 302, 'b'], skipSpecialTokens: true));
    }

    [Fact]
    public void EncodeToIds_NormalizedToken_IsFoundOnlyBetweenTheOthers()
    {
        ByteLevelBpe tokenizer = new ByteLevelFile
        {
            AddedTokens = """
                [{"id": 300, "content": "xab", "normalized": true}, {"id": 301, "content": "ab", "normalized": false}]
                """,
        }.Tokenizer();

        Assert.Equal(['x', 301], tokenizer.EncodeToIds("xab"));
    }

    [Theory]
    [InlineData("a \n<x>\u3000a", new[] { 'a', 300, 'a' })]
    [InlineData("<x> <x>", new[] { 300, 300 })]
    [InlineData(" <y> ", new[] { ' ', 301, ' ' })]
    public void EncodeToIds_AddedTokenThatStrips_TakesSpaceBesideIt(string text, int[] expected)
    {
        ByteLevelBpe tokenizer = new ByteLevelFile
        {
            AddedTokens = """
                [{"id": 300, "content": "<x>", "lstrip": true, "rstrip": true}, {"id": 301, "content": "<y>"}]
                """,
        }.Tokenizer();

        Assert.Equal(expected, tokenizer.EncodeToIds(text));
    }

    [Theory]
    [InlineData("ab", new[] { ' ', Ab })]
    [InlineData(" ab", new[] { ' ', Ab })]
    [InlineData("", new int[0])]
    [InlineData("a<x>b", new[] { ' ', 'a', 300, ' ', 'b' })]
    public void EncodeToIds_PrefixSpace_IsPutBeforeEachText(string text, int[] expected)
    {
        ByteLevelBpe tokenizer = new ByteLevelFile
        {
            PreTokenizer = """{"type": "ByteLevel", "add_prefix_space": true}""",
            AddedTokens = """[{"id": 300, "content": "<x>"}]""",
        }.Merge(("b", "c"), ("a", "b")).Tokenizer();

        Assert.Equal(expected, tokenizer.EncodeToIds(text));
        Assert.Equal(text, string.Concat(tokenizer.EncodeToTokens(text, out _).Select(token => text[token.Offset])));
    }

    [Fact]
    public void EncodeToIds_PrefixSpaceInConfig_GoesFirst() =>
        Assert.Equal(
            [' ', 'x'], Small.Tokenizer(ByteLevelFile.NoRoles with { AddPrefixSpace = true }).EncodeToIds("x"));

    [Fact]
    public void EncodeToIds_LoneSurrogate_IsReplacementCharacter()
    {
        ByteLevelBpe tokenizer = Small.Tokenizer();

        Assert.Equal([0xEF, 0xBF, 0xBD], tokenizer.EncodeToIds("\ud800"));
        Assert.Equal(tokenizer.EncodeToIds("a\ufffdb"), tokenizer.EncodeToIds("a\udc00b"));
        Assert.Equal(
            tokenizer.EncodeToIds("\ufffd\U0001F600\ufffd"), tokenizer.EncodeToIds("\ud83d\ud83d\ude00\ude00"));
    }

    [Fact]
    public void EncodeToIds_PostProcessor_PutsItsTokensAround()
    {
        ByteLevelBpe tokenizer = new ByteLevelFile
        {
            AddedTokens = """[{"id": 300, "content": "<s>", "special": true}]""",
            PostProcessor = """
                {"type": "Sequence", "processors": [{"type": "ByteLevel"}, {"type": "TemplateProcessing",
                  "single": [{"SpecialToken": {"id": "B"}}, {"Sequence": {"id": "A"}}, {"SpecialToken": {"id": "E"}}],
                  "special_tokens": {"B": {"ids": [300]}, "E": {"ids": [33, 34]}}}]}
                """,
        }.Tokenizer(ByteLevelFile.NoRoles with { Bos = "<s>" });

        Assert.Equal([300, 'x', 33, 34], tokenizer.EncodeToIds("x"));
        Assert.True(tokenizer.AddsBos);
        Assert.Equal([300, 300, 33, 34], tokenizer.EncodeToIds("<s>"));
    }

    [Fact]
    public void EncodeToIds_AddBosOfGpt2_PutsItFirst()
    {
        TokenizerSettings settings = ByteLevelFile.NoRoles with { Bos = "!", AddBos = true };

        Assert.Equal(['!', 'x'], Small.Tokenizer(settings).EncodeToIds("x"));
    }

    [Fact]
    public void EncodeToTokens_AnyText_SpansGiveTheTextBack()
    {
        ByteLevelBpe tokenizer = Small.Tokenizer();
        string[] characters = ["a", "b", "c", " ", "\u00e9", "\u4f60", "\U0001F600", "\n"];

        Gen.Int[0, characters.Length - 1].Array[0, 20].Sample(parts =>
        {
            string text = string.Concat(parts.Select(index => characters[index]));
            IReadOnlyList<EncodedToken> tokens = tokenizer.EncodeToTokens(text, out _);

            Assert.Equal(text, string.Concat(tokens.Select(token => text[token.Offset])));
            Assert.Equal(text, tokenizer.Decode(tokens.Select(token => token.Id)));
        });
    }

    [Fact]
    public void EncodeToIds_Limit_GivesTheCharactersTaken()
    {
        ByteLevelBpe tokenizer = Small.Tokenizer();

        Assert.Equal([Abc, ' '], tokenizer.EncodeToIds("abc abc", 2, out _, out int consumed));
        Assert.Equal(4, consumed);
        Assert.Equal([0xC3], tokenizer.EncodeToIds("\u00e9", 1, out _, out consumed));
        Assert.Equal(0, consumed);
    }

    [Fact]
    public void Decode_BufferTooSmall_SaysSo()
    {
        ByteLevelBpe tokenizer = Small.Tokenizer();

        Assert.Equal(OperationStatus.DestinationTooSmall, tokenizer.Decode([Abc], new char[2], out _, out _));
        Assert.Equal(OperationStatus.Done, tokenizer.Decode([Abc], new char[3], out int ids, out int characters));
        Assert.Equal((1, 3), (ids, characters));
    }

    [Fact]
    public void Constructor_RoleTokenNotInVocabulary_IsAddedAtItsEnd()
    {
        ByteLevelBpe tokenizer = Small.Tokenizer(
            ByteLevelFile.NoRoles with { SpecialTokens = ["<p>", "!"], Eos = "<p>" });

        Assert.Equal(259, tokenizer.EosId);
        Assert.Equal(260, tokenizer.VocabularySize);
        Assert.Equal([259, '!'], tokenizer.EncodeToIds("<p>!"));
        Assert.Equal(string.Empty, tokenizer.Decode([259, '!'], skipSpecialTokens: true));
    }

    [Theory]
    [InlineData("""[{"id": 5, "content": "<x>"}]""", "'\u0105' as token 5")]
    [InlineData("""[{"id": 300, "content": "a"}]""", "it is token 97")]
    [InlineData("""[{"id": 300, "content": "x<"}, {"id": 301, "content": "x<"}]""", "has the id 300 already")]
    [InlineData("""[{"id": 2147483647, "content": "<x>"}]""", "ids end at 1048575")]
    public void Constructor_AddedTokenThatContradicts_Throws(string tokens, string expected)
    {
        CheckpointException error = Assert.Throws<CheckpointException>(
            () => new ByteLevelFile { AddedTokens = tokens }.Tokenizer());

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_AddedTokensOfManyCharacters_Throws()
    {
        TokenizerSettings settings = ByteLevelFile.NoRoles with { SpecialTokens = [new string('x', (1 << 20) + 1)] };

        Assert.Contains(
            "1048576 characters",
            Assert.Throws<CheckpointException>(() => Small.Tokenizer(settings)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_PostProcessorWithUnknownId_Throws()
    {
        CheckpointException error = Assert.Throws<CheckpointException>(
            () => new ByteLevelBpe(Small.Parse() with { Before = [999] }, ByteLevelFile.NoRoles));

        Assert.Contains("token 999", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EncodeToIds_LongPiece_TakesLinearTime()
    {
        // A hundred thousand symbols of one piece and one rank: an hour if each merge looked through all of them.
        ByteLevelBpe tokenizer = new ByteLevelFile().Merge(("a", "a"), ("aa", "aa")).Tokenizer();

        Assert.Equal(25_000, tokenizer.CountTokens(new string('a', 100_000)));
    }

    /// <summary>Byte-pair encoding as it is defined: the best pair, leftmost first, until none is left.</summary>
    private static List<string> Merge(string text, List<string> merges)
    {
        List<string> symbols = [.. text.Select(c => c.ToString())];
        while (true)
        {
            int[] ranks = [.. symbols.Zip(symbols.Skip(1), (left, right) => merges.IndexOf($"{left} {right}"))];
            int best = ranks.Where(rank => rank >= 0).DefaultIfEmpty(-1).Min();
            if (best < 0)
            {
                return symbols;
            }

            int index = Array.IndexOf(ranks, best);
            symbols[index] += symbols[index + 1];
            symbols.RemoveAt(index + 1);
        }
    }
}
