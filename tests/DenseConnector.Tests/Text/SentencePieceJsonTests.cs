using System.Text.Json.Nodes;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class SentencePieceJsonTests
{
    private static readonly SentencePieceModel Model =
        ModelFile.WithBytes("▁a", "▁b", "ab", "▁▁", "▁▁a", "▁", "a", "b", "c").Parse();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_RandomTexts_GivesTheModelsIds(bool pairs)
    {
        Random random = new(4);
        foreach (string folder in TestData.ReferenceFolders.Select(root => Path.Combine(root, "tokenizer")))
        {
            SentencePieceModel model = SentencePieceModel.Load(Path.Combine(folder, "tokenizer.model"));
            SentencePieceJson json = SentencePieceJson.Read(
                new ConvertedModel(model) { MergesArePairs = pairs }.ToFile());
            foreach (bool legacy in new[] { true, false })
            {
                TokenizerSettings settings = TokenizerSettings.Read(folder) with { Legacy = legacy };
                SentencePieceBpe expected = new(model, settings), found = new(json.Model, settings);
                string[] parts = [.. model.Pieces.Select(piece => piece.Text.Replace('▁', ' ')), "é", "\ud83d\ude00"];
                for (int i = 0; i < 500; i++)
                {
                    string text = string.Concat(random.GetItems(parts, random.Next(1, 12)));
                    IReadOnlyList<int> ids = expected.EncodeToIds(text);
                    Assert.Equal(ids, found.EncodeToIds(text));
                    Assert.Equal(Stream(expected, ids), Stream(found, ids));
                }
            }
        }
    }

    [Theory]
    [InlineData("ab a", new[] { "▁a", "b", "▁a" })]
    [InlineData("  a", new[] { "▁▁", "▁a" })]
    [InlineData("é", new[] { "▁", "<0xC3>", "<0xA9>" })]
    [InlineData("a</s>b", new[] { "▁a", "</s>", "▁b" })]
    public void Load_FolderWithoutModel_SplitsByTheMerges(string text, string[] expected)
    {
        CheckpointTokenizer tokenizer = Load(new ConvertedModel(Model).ToBytes(), """{"add_bos_token": false}""");

        Assert.Equal(expected, tokenizer.EncodeToTokens(text, out _).Select(token => token.Value));
    }

    [Fact]
    public void Decode_BytesOfACharacter_WaitsForTheLast()
    {
        CheckpointTokenizer tokenizer = Load(new ConvertedModel(Model).ToBytes(), """{"add_bos_token": false}""");

        Assert.Equal(
            [string.Empty, string.Empty, "é", " b", string.Empty], Stream(tokenizer, tokenizer.EncodeToIds("é b")));
    }

    [Fact]
    public void Read_MergesInAnotherOrder_AreFollowed()
    {
        SentencePieceJson json = SentencePieceJson.Read(new ConvertedModel(Model).ToFile(
            file => file["model"]!["merges"] = new JsonArray("a b", "▁ a")));

        SentencePieceBpe tokenizer = new(json.Model, new TokenizerSettings { AddBos = false });
        Assert.Equal(["▁", "ab"], tokenizer.EncodeToTokens("ab", out _).Select(token => token.Value));
        Assert.Equal(["▁", "▁a"], tokenizer.EncodeToTokens(" a", out _).Select(token => token.Value));
    }

    [Theory]
    [InlineData(false, new[] { "▁", "▁a" })]
    [InlineData(true, new[] { "▁▁a" })]
    public void Read_IgnoreMerges_TakesAWholeTextThatIsAToken(bool ignores, string[] expected)
    {
        SentencePieceJson json = SentencePieceJson.Read(new ConvertedModel(Model).ToFile(file =>
        {
            file["model"]!["ignore_merges"] = ignores;
            file["model"]!["merges"] = new JsonArray("▁ a");
        }));

        SentencePieceBpe tokenizer = new(json.Model, new TokenizerSettings { AddBos = false });
        Assert.Equal(expected, tokenizer.EncodeToTokens(" a", out _).Select(token => token.Value));
    }

    [Theory]
    [InlineData(false, "{}", true)]
    [InlineData(true, "{}", false)]
    [InlineData(true, """{"legacy": true}""", true)]
    [InlineData(false, """{"legacy": false}""", false)]
    public void Load_SpacesAfterSpecialTokens_ConfigThenFile(bool metaspace, string config, bool legacy)
    {
        CheckpointTokenizer tokenizer = Load(new ConvertedModel(Model) { Metaspace = metaspace }.ToBytes(), config);

        Assert.Equal(
            ["▁a", "</s>", legacy ? "▁b" : "b"],
            tokenizer.EncodeToTokens("a</s>b", out _).Select(token => token.Value));
    }

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"add_bos_token": false}""", false)]
    [InlineData("""{"tokenizer_class": "PreTrainedTokenizerFast"}""", true)]
    public void Load_PostProcessorWithBos_CountsUnlessTheConfigSaysOtherwise(string config, bool adds)
    {
        byte[] file = new ConvertedModel(Model).ToBytes(json => json["post_processor"] = Template());

        Assert.Equal(adds, Load(file, config).AddsBos);
        Assert.Equal(adds ? [1] : [], Load(file, config).EncodeToIds(string.Empty));
    }

    [Fact]
    public void Load_NoPostProcessor_LlamasClassAddsBosAndOthersDoNot()
    {
        byte[] file = new ConvertedModel(Model).ToBytes();

        Assert.True(Load(file, """{"tokenizer_class": "LlamaTokenizer"}""").AddsBos);
        Assert.False(Load(file, """{"tokenizer_class": "PreTrainedTokenizerFast"}""").AddsBos);
    }

    [Theory]
    [InlineData("normalizer", """{"type": "NFKC"}""", "normalizer")]
    [InlineData("normalizer", "null", "normalizer")]
    [InlineData("pre_tokenizer", """{"type": "Whitespace"}""", "normalizer")]
    [InlineData("decoder", """{"type": "WordPiece"}""", "decoder")]
    [InlineData("decoder", "null", "decoder")]
    public void Read_OtherParts_NamesThem(string key, string value, string path) => Assert.Equal(
        path,
        Assert.Throws<ModelConfigException>(() => SentencePieceJson.Read(
            new ConvertedModel(Model).ToFile(file => file[key] = JsonNode.Parse(value)))).Path);

    [Theory]
    [InlineData("split", "true", "pre_tokenizer.split")]
    [InlineData("prepend_scheme", "\"always\"", "pre_tokenizer.prepend_scheme")]
    [InlineData("replacement", "\"_\"", "pre_tokenizer.replacement")]
    public void Read_OtherMetaspace_NamesTheSetting(string key, string value, string path) => Assert.Equal(
        path,
        Assert.Throws<ModelConfigException>(() => SentencePieceJson.Read(
            new ConvertedModel(Model) { Metaspace = true }.ToFile(
                file => file["pre_tokenizer"]![key] = JsonNode.Parse(value)))).Path);

    [Fact]
    public void Read_DamagedVocabulary_Throws()
    {
        ConvertedModel model = new(Model);
        Assert.Throws<CheckpointException>(
            () => SentencePieceJson.Read(model.ToFile(file => ((JsonObject)file["model"]!["vocab"]!).Remove("a"))));
        Assert.Throws<CheckpointException>(
            () => SentencePieceJson.Read(model.ToFile(file => file["model"]!["unk_token"] = "<none>")));
        Assert.Throws<CheckpointException>(() => SentencePieceJson.Read(model.ToFile(file =>
        {
            JsonObject vocabulary = (JsonObject)file["model"]!["vocab"]!;
            vocabulary.Remove("<0x41>");
            vocabulary["<0x4>"] = 3 + 0x41;
        })));
    }

    private static IEnumerable<string> Stream(CheckpointTokenizer tokenizer, IReadOnlyList<int> ids)
    {
        StreamingDecoder decoder = tokenizer.CreateDecoder();
        return [.. ids.Select(decoder.Append), decoder.Flush()];
    }

    private static CheckpointTokenizer Load(byte[] json, string config)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(Path.Combine(folder.Path, "tokenizer.json"), json);
        File.WriteAllText(Path.Combine(folder.Path, "tokenizer_config.json"), config);
        return TokenizerLoader.Load(folder.Path).Tokenizer;
    }

    private static JsonNode Template() => JsonNode.Parse(
        """
        {
          "type": "TemplateProcessing",
          "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
          "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}
        }
        """)!;
}
