using System.Text;
using CsCheck;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class TokenizerJsonTests
{
    private static ByteLevelFile Small => new ByteLevelFile().Merge(("a", "b"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Parse_MergesInEitherForm_AreRead(bool pairs) =>
        Assert.Equal(
            [256], new ByteLevelFile { MergesArePairs = pairs }.Merge(("a", "b")).Tokenizer().EncodeToIds("ab"));

    [Fact]
    public void Parse_MergesBeforeVocabulary_AreRead()
    {
        string json = Small.ToJson()
            .Replace("\"vocab\":", "\"merges\": [\"a b\"], \"vocab\":", StringComparison.Ordinal);
        json = json[..json.LastIndexOf(", \"merges\"", StringComparison.Ordinal)] + "}}";

        Assert.Equal([256], new ByteLevelBpe(Parse(json), ByteLevelFile.NoRoles).EncodeToIds("ab"));
    }

    [Fact]
    public void Parse_Llama3Pattern_SplitsByIt()
    {
        ByteLevelFile file = new() { PreTokenizer = ByteLevelFile.SplitBy(Llama3Scanner.Pattern) };

        // Three digits are a piece, so the fourth merges with none of them.
        Assert.Equal([257, 256], file.Merge(("1", "1"), ("11", "1")).Tokenizer().EncodeToIds("11111"));
    }

    [Fact]
    public void Parse_UnknownPattern_ShowsIt()
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => new ByteLevelFile { PreTokenizer = ByteLevelFile.SplitBy(@"\w+") }.Parse());

        Assert.Equal("pre_tokenizer.pretokenizers[0].pattern.Regex", error.Path);
        Assert.Contains(@"the unknown pattern \w+", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Unigram")]
    [InlineData("WordPiece")]
    [InlineData("WordLevel")]
    public void Parse_OtherModel_SaysWhichIsSupported(string type)
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => Parse($$$"""{"model": {"type": "{{{type}}}", "vocab": [["a", -1.5]], "unk_id": 0}}"""));

        Assert.Equal("model.type", error.Path);
        Assert.Contains($"'{type}', supported are 'BPE'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_ByteFallback_IsNotByteLevel()
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => new ByteLevelFile { ModelSettings = "\"byte_fallback\": true" }.Parse());

        Assert.Equal("model.byte_fallback", error.Path);
        Assert.Contains("'ByteLevel'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"dropout\": 0.1", "model.dropout")]
    [InlineData("\"continuing_subword_prefix\": \"##\"", "model.continuing_subword_prefix")]
    [InlineData("\"end_of_word_suffix\": \"</w>\"", "model.end_of_word_suffix")]
    [InlineData("\"ignore_merges\": 1", "model.ignore_merges")]
    public void Parse_ModelSettingNotSupported_NamesIt(string setting, string path) =>
        Assert.Equal(path, Assert.Throws<ModelConfigException>(
            () => new ByteLevelFile { ModelSettings = setting }.Parse()).Path);

    [Fact]
    public void Parse_OtherParts_NameWhatIsNotSupported()
    {
        AssertRefused(new ByteLevelFile { Normalizer = """{"type": "NFKC"}""" }, "normalizer");
        AssertRefused(new ByteLevelFile { Decoder = "null" }, "decoder");
        AssertRefused(new ByteLevelFile { Decoder = """{"type": "Metaspace"}""" }, "decoder");
        AssertRefused(new ByteLevelFile { PreTokenizer = "null" }, "pre_tokenizer");
        AssertRefused(new ByteLevelFile { PreTokenizer = """{"type": "Whitespace"}""" }, "pre_tokenizer");
        AssertRefused(
            new ByteLevelFile { PreTokenizer = """{"type": "ByteLevel", "use_regex": false}""" }, "pre_tokenizer");
        AssertRefused(
            new ByteLevelFile
            {
                PreTokenizer = ByteLevelFile.SplitBy(Llama3Scanner.Pattern)
                    .Replace("\"use_regex\": false", "\"use_regex\": true", StringComparison.Ordinal),
            },
            "pre_tokenizer.pretokenizers[1].use_regex");
        AssertRefused(
            new ByteLevelFile
            {
                PreTokenizer = ByteLevelFile.SplitBy(Llama3Scanner.Pattern)
                    .Replace("Isolated", "Removed", StringComparison.Ordinal),
            },
            "pre_tokenizer.pretokenizers[0].behavior");
        AssertRefused(new ByteLevelFile { PostProcessor = """{"type": "RobertaProcessing"}""" }, "post_processor.type");
        AssertRefused(
            new ByteLevelFile { PostProcessor = """{"type": "TemplateProcessing", "single": []}""" },
            "post_processor.single");
        AssertRefused(
            new ByteLevelFile
            {
                PostProcessor = """{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}]}""",
            },
            "post_processor.single[0].SpecialToken.id");
        AssertRefused(
            new ByteLevelFile { AddedTokens = """[{"id": 300, "content": "x", "single_word": true}]""" },
            "added_tokens[0].single_word");
        AssertRefused(new ByteLevelFile { AddedTokens = """[{"id": -1, "content": "x"}]""" }, "added_tokens[0].id");
        AssertRefused(new ByteLevelFile { AddedTokens = "[5]" }, "added_tokens");
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("{", "not valid JSON")]
    [InlineData("[]", "has StartArray as the file")]
    [InlineData("null", "has Null as the file")]
    [InlineData("""{"model": []}""", "has StartArray as 'model'")]
    [InlineData("""{"model": {}, "model": {}}""", "'model' twice")]
    [InlineData("""{"model": {"vocab": {}, "vocab": {}}}""", "'model.vocab' twice")]
    [InlineData("""{"model": {"merges": [], "merges": []}}""", "'model.merges' twice")]
    public void Parse_OtherJson_SaysWhatIsWrong(string json, string expected) =>
        Assert.Contains(
            expected, Assert.Throws<CheckpointException>(() => Parse(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{}", "[]", "has no token '\u0100' for the byte 0x00")]
    [InlineData("[]", "[]", "vocabulary that starts with StartArray")]
    [InlineData("""{"a": -1}""", "[]", "gives 'a' no id from 0")]
    [InlineData("""{"a": 1048576}""", "[]", "gives 'a' no id from 0")]
    [InlineData("""{"a": 1.5}""", "[]", "gives 'a' no id from 0")]
    [InlineData("""{"a": "1"}""", "[]", "gives 'a' no id from 0")]
    [InlineData("""{"a": 1, "b": 1}""", "[]", "gives 'b' the id 1, which another token has")]
    [InlineData("""{"a": 1, "\u0061": 2}""", "[]", "has 'a' twice")]
    [InlineData("""{"\ud800": 1}""", "[]", "half a surrogate pair")]
    [InlineData(null, "{}", "start with StartObject, expected an array")]
    [InlineData(null, "[1]", "has Number as merge 0")]
    [InlineData(null, "[\"ab\"]", "merge 0 that is not two tokens")]
    [InlineData(null, "[\"a b c\"]", "merge 0 that is not two tokens")]
    [InlineData(null, "[\"a b\"]", "'a' and 'b', but no token for both")]
    [InlineData(null, "[\"a \"]", "merge 0 of '', which is no token")]
    [InlineData(null, "[[\"a\"]]", "has EndArray in merge 0")]
    [InlineData(null, "[[\"a\", 1]]", "has Number in merge 0")]
    [InlineData(null, "[\"\\ud800 a\"]", "half a surrogate pair")]
    public void Parse_DamagedTables_SaysWhatIsWrong(string? vocabulary, string merges, string expected)
    {
        string json = new ByteLevelFile().ToJson();
        int start = json.IndexOf("\"vocab\":", StringComparison.Ordinal);
        vocabulary ??= new ByteLevelFile().VocabularyJson();
        json = $"{json[..start]}\"vocab\": {vocabulary}, \"merges\": {merges}}}}}";

        Assert.Contains(
            expected, Assert.Throws<CheckpointException>(() => Parse(json)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vocab")]
    [InlineData("merges")]
    public void Parse_TableMissing_NamesIt(string table)
    {
        string json = Small.ToJson().Replace($"\"{table}\"", "\"other\"", StringComparison.Ordinal);

        Assert.Contains(
            $"has no 'model.{table}'",
            Assert.Throws<CheckpointException>(() => Parse(json)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_BytesThatAreNoUtf8_Throws() =>
        Assert.Contains(
            "not valid UTF-8",
            Assert.Throws<CheckpointException>(() => TokenizerJson.Parse("t", [0x22, 0xFF, 0x22])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Parse_ManyLevels_Throws() =>
        Assert.Throws<CheckpointException>(() => Parse(new string('[', 100_000)));

    [Theory]
    [InlineData("""{"\ud800": 1, "model": {"type": "BPE"}}""")]
    [InlineData("""{"model": {"\ud800": 1, "type": "BPE"}}""")]
    [InlineData("""{"model": {"type": "\ud800"}}""")]
    [InlineData("""{"model": {"type": "BPE"}, "decoder": {"type": "ByteLevel", "\udfff": null}, "x": "\ud800"}""")]
    public void Parse_HalfSurrogatePairs_Throws(string json) => AssertHandled(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void Parse_TornFile_Throws()
    {
        byte[] file = File(Small);
        Gen.Int[0, file.Length - 1].Sample(
            length => Assert.Throws<CheckpointException>(() => TokenizerJson.Parse("t", file[..length])));
    }

    [Fact]
    public void Parse_BytesChanged_ThrowsOrReads()
    {
        byte[] file = File(new ByteLevelFile
        {
            AddedTokens = """[{"id": 300, "content": "<s>", "special": true}]""",
            PreTokenizer = ByteLevelFile.SplitBy(Llama3Scanner.Pattern),
            PostProcessor = """
                {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "B"}}, {"Sequence": {"id": "A"}}],
                 "special_tokens": {"B": {"ids": [300]}}}
                """,
        }.Merge(("a", "b"), ("ab", "c")));
        Gen.Select(Gen.Int[0, file.Length - 1], Gen.Char["{}[]\",:019-.\\ udenl\0\u00ff"]).List[1, 4].Sample(changes =>
        {
            byte[] damaged = [.. file];
            foreach ((int index, char value) in changes)
            {
                damaged[index] = (byte)value;
            }

            AssertHandled(damaged);
        });
    }

    [Fact]
    public void Load_NoFile_Throws() =>
        Assert.Throws<CheckpointException>(() => TokenizerJson.Load(Path.Combine(TestData.Root, "absent.json")));

    private static void AssertRefused(ByteLevelFile file, string path) =>
        Assert.Equal(path, Assert.Throws<ModelConfigException>(file.Parse).Path);

    private static void AssertHandled(byte[] file)
    {
        try
        {
            // What can be read must also work.
            ByteLevelBpe tokenizer = new(TokenizerJson.Parse("t", file), ByteLevelFile.NoRoles);
            Assert.NotNull(tokenizer.Decode(tokenizer.EncodeToIds("abc <s>\u00e9\U0001F600 1234\n\n a")));
        }
        catch (DenseConnectorException)
        {
        }
    }

    private static byte[] File(ByteLevelFile file) => Encoding.UTF8.GetBytes(file.ToJson());

    private static ByteLevelModel Parse(string json) => TokenizerJson.Parse("t.json", Encoding.UTF8.GetBytes(json));
}
