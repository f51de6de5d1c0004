using System.Text;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

/// <summary>Qwen2's tokenizer, read from either form of its files; the vocabulary is a small one of our own.</summary>
public sealed class Qwen2Tests
{
    private const string Config =
        """
        {
          "tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|im_end|>", "bos_token": null, "unk_token": null,
          "clean_up_tokenization_spaces": false, "split_special_tokens": false,
          "added_tokens_decoder": {
            "260": {"content": "<|endoftext|>", "normalized": false, "special": true},
            "261": {"content": "<|im_start|>", "normalized": false, "special": true},
            "262": {"content": "<|im_end|>", "normalized": false, "special": true}
          }
        }
        """;

    // Tokens 256 to 259: "he", "12", " h" and the two bytes of \u00e9.
    private static readonly ByteLevelFile Vocabulary = new ByteLevelFile
    {
        PreTokenizer = ByteLevelFile.SplitBy(Qwen2Scanner.Pattern),
        Normalizer = """{"type": "NFC"}""",
        PostProcessor = """{"type": "ByteLevel"}""",
    }.Merge(("h", "e"), ("1", "2"), ("\u0120", "h"), ("\u00c3", "\u00a9"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_EitherForm_GivesTheSameIds(bool older)
    {
        CheckpointTokenizer tokenizer = Load(older);

        Assert.Equal([256, '1', '2', 260], tokenizer.EncodeToIds("he12<|endoftext|>"));
        Assert.Equal([262, 259, 259], tokenizer.EncodeToIds("<|im_end|>\u00e9e\u0301"));
        Assert.Equal("<|im_end|>\u00e9\u00e9", tokenizer.Decode([262, 259, 259]));
        Assert.Equal(262, tokenizer.EosId);
        Assert.Null(tokenizer.BosId);
        Assert.False(tokenizer.AddsBos);
        Assert.Equal(263, tokenizer.VocabularySize);
        Assert.Equal("he .", Stream(tokenizer, [256, ' ', '.', 261]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Encode_ComposedCharacters_SpansAreThoseOfTheText(bool older)
    {
        IReadOnlyList<Microsoft.ML.Tokenizers.EncodedToken> tokens =
            Load(older).EncodeToTokens("he<|im_end|>e\u0301x", out _);

        Assert.Equal([256, 262, 259, 'x'], tokens.Select(token => token.Id));
        Assert.Equal([0..2, 2..12, 12..14, 14..15], tokens.Select(token => token.Offset));
    }

    [Fact]
    public void Parse_SplitLikeQwen2sButNotThat_IsRefused() => Assert.Equal(
        "pre_tokenizer.pretokenizers[0].pattern.Regex",
        Assert.Throws<ModelConfigException>(() => new ByteLevelFile
        {
            PreTokenizer = ByteLevelFile.SplitBy(
                Qwen2Scanner.Pattern.Replace(@"|\p{N}|", @"|\p{N}{1,2}|", StringComparison.Ordinal)),
        }.Parse()).Path);

    private static string Stream(CheckpointTokenizer tokenizer, int[] ids)
    {
        StreamingDecoder decoder = tokenizer.CreateDecoder();
        return string.Concat(ids.Select(decoder.Append)) + decoder.Flush();
    }

    private static CheckpointTokenizer Load(bool older)
    {
        using TemporaryFolder folder = new();
        Write("tokenizer_config.json", Config);
        if (older)
        {
            Write("vocab.json", Vocabulary.VocabularyJson());
            Write("merges.txt", Vocabulary.MergesText());
        }
        else
        {
            Write("tokenizer.json", Vocabulary.ToJson());
        }

        return TokenizerLoader.Load(folder.Path).Tokenizer;

        void Write(string name, string text) =>
            File.WriteAllBytes(Path.Combine(folder.Path, name), Encoding.UTF8.GetBytes(text));
    }
}
