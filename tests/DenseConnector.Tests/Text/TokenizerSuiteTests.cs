using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

/// <summary>Every recorded text, id list and stream of the reference tokenizers.</summary>
[Trait("Suite", "Tokenizers")]
public sealed class TokenizerSuiteTests(TokenizerReport report) : IClassFixture<TokenizerReport>
{
    // Where the other rules give something else, a case says so in fields of this prefix.
    private const string OtherRules = "legacy_false_";

    [TokenizerDataFact]
    public void Cases_RealVocabularies_EqualReference()
    {
        Mismatches mismatches = new();
        foreach (string root in TestData.TokenizerFolders)
        {
            int ran = 0;
            foreach (string folder in Golden.TokenizerFolders(root))
            {
                string name = Path.GetFileName(folder);
                IReadOnlyList<JsonElement> cases = Golden.Lines(Path.Combine(folder, "cases.jsonl"));
                if (Golden.IsByteLevel(folder))
                {
                    report.Count($"{name} cases not supported yet (byte-level BPE)", cases.Count);
                    continue;
                }

                RunCases(name, Golden.Load(folder), cases, string.Empty, mismatches);
                report.Count($"{name} cases", cases.Count);
                ran += cases.Count;

                if (cases.Any(line => line.EnumerateObject().Any(IsOfOtherRules)))
                {
                    RunCases(name, Golden.Load(folder, legacy: false), cases, OtherRules, mismatches);
                    report.Count($"{name} cases with legacy=false", cases.Count);
                }
            }

            Assert.True(ran > 0, $"{root} holds no cases of a tokenizer that can be loaded.");
        }

        mismatches.AssertNone();
    }

    [TokenizerDataFact]
    public void Streams_RealVocabularies_EqualReference()
    {
        Mismatches mismatches = new();
        foreach (string root in TestData.TokenizerFolders)
        {
            int ran = 0;
            Dictionary<string, SentencePieceBpe?> tokenizers = Golden.TokenizerFolders(root).ToDictionary(
                folder => Path.GetFileName(folder)!, folder => Golden.IsByteLevel(folder) ? null : Golden.Load(folder));
            foreach (JsonElement line in Golden.Lines(Path.Combine(root, "streaming.jsonl")))
            {
                string name = line.GetProperty("decoder").GetString()!;
                if (tokenizers[name] is not { } tokenizer)
                {
                    report.Count($"{name} streams not supported yet (byte-level BPE)");
                    continue;
                }

                int[] ids = Golden.Ids(line.GetProperty("ids"));
                string input = $"{name} [{string.Join(", ", ids)}]";
                StreamingDecoder decoder = tokenizer.CreateDecoder();
                string flush = line.GetProperty("flush_skip_special").GetString()!;
                mismatches.Compare(
                    "chunks",
                    input,
                    [.. Strings(line.GetProperty("chunks_skip_special")), flush],
                    [.. ids.Select(decoder.Append), decoder.Flush()]);
                CompareDecoded(tokenizer, ids, input, line, string.Empty, mismatches);
                report.Count($"{name} streams");
                ran++;
            }

            Assert.True(ran > 0, $"{root} holds no streams of a tokenizer that can be loaded.");
        }

        mismatches.AssertNone();
    }

    [Fact]
    public void Golden_ReferenceVocabulary_EqualsTransformers()
    {
        Mismatches mismatches = new();
        foreach (string root in TestData.ReferenceFolders)
        {
            string folder = Path.Combine(root, "tokenizer");
            JsonElement modes = Golden.Json(Path.Combine(folder, "golden.json")).GetProperty("modes");
            foreach (JsonProperty mode in modes.EnumerateObject())
            {
                SentencePieceBpe tokenizer = Golden.Load(folder, legacy: mode.Name == "legacy_true");
                Assert.Equal(mode.Value.GetProperty("len").GetInt32(), tokenizer.VocabularySize);
                foreach (JsonElement line in mode.Value.GetProperty("encode").EnumerateArray())
                {
                    string text = line.GetProperty("text").GetString()!;
                    CompareIds(tokenizer, text, line.GetProperty("ids"), mode.Name, mismatches);
                    report.Count("reference texts");
                }

                foreach (JsonElement line in mode.Value.GetProperty("decode").EnumerateArray())
                {
                    int[] ids = Golden.Ids(line.GetProperty("ids"));
                    string input = $"{mode.Name} [{string.Join(", ", ids)}]";
                    mismatches.Compare("decoded", input, line.GetProperty("text").GetString()!, tokenizer.Decode(ids));
                    mismatches.Compare(
                        "decoded without special tokens",
                        input,
                        line.GetProperty("text_skip_special").GetString()!,
                        tokenizer.Decode(ids, skipSpecialTokens: true));
                    report.Count("reference id lists");
                }
            }
        }

        mismatches.AssertNone();
    }

    private static void RunCases(
        string name, SentencePieceBpe tokenizer, IReadOnlyList<JsonElement> cases, string prefix, Mismatches mismatches)
    {
        foreach (JsonElement line in cases)
        {
            if (line.TryGetProperty("text_repeat", out JsonElement repeat))
            {
                string text = string.Concat(Enumerable.Repeat(repeat[0].GetString()!, repeat[1].GetInt32()));
                IReadOnlyList<int> ids = tokenizer.EncodeToIds(text);
                string input = $"{name} {prefix}{repeat.GetRawText()}";
                mismatches.Compare("number of ids", input, [Field(line, "n_ids", prefix).GetInt32()], [ids.Count]);
                string hash = Hash(MemoryMarshal.AsBytes<int>([.. ids]));
                mismatches.Compare("ids", input, Field(line, "ids_sha256", prefix).GetString()!, hash);

                // The long texts have no decoded form under the other rules.
                if (prefix.Length == 0)
                {
                    string whole = tokenizer.Decode(ids), answer = tokenizer.Decode(ids, skipSpecialTokens: true);
                    mismatches.Compare("decoded", input, line.GetProperty("decoded_sha256").GetString()!, Hash(whole));
                    mismatches.Compare(
                        "decoded without special tokens",
                        input,
                        line.GetProperty("decoded_skip_special_sha256").GetString()!,
                        Hash(answer));
                }
            }
            else
            {
                string text = line.TryGetProperty("text_utf16", out JsonElement units)
                    ? new string([.. Golden.Ids(units).Select(unit => (char)unit)])
                    : line.GetProperty("text").GetString()!;
                JsonElement ids = Field(line, "ids", prefix);
                CompareIds(tokenizer, text, ids, $"{name} {prefix}", mismatches);
                CompareDecoded(tokenizer, Golden.Ids(ids), $"{name} {text}", line, prefix, mismatches);
            }
        }
    }

    private static void CompareIds(
        SentencePieceBpe tokenizer, string text, JsonElement expected, string name, Mismatches mismatches)
    {
        int[] ids = Golden.Ids(expected);
        mismatches.Compare($"{name} ids", text, ids, tokenizer.EncodeToIds(text));
        mismatches.Compare(
            $"{name} tokens", text, ids, [.. tokenizer.EncodeToTokens(text, out _).Select(token => token.Id)]);
        mismatches.Compare($"{name} count", text, [ids.Length], [tokenizer.CountTokens(text)]);
    }

    private static void CompareDecoded(
        SentencePieceBpe tokenizer, int[] ids, string input, JsonElement line, string prefix, Mismatches mismatches)
    {
        mismatches.Compare("decoded", input, Field(line, "decoded", prefix).GetString()!, tokenizer.Decode(ids));
        mismatches.Compare(
            "decoded without special tokens",
            input,
            Field(line, "decoded_skip_special", prefix).GetString()!,
            tokenizer.Decode(ids, skipSpecialTokens: true));
    }

    private static JsonElement Field(JsonElement line, string name, string prefix) =>
        line.TryGetProperty(prefix + name, out JsonElement own) ? own : line.GetProperty(name);

    private static bool IsOfOtherRules(JsonProperty field) =>
        field.Name.StartsWith(OtherRules, StringComparison.Ordinal);

    private static IEnumerable<string> Strings(JsonElement array) =>
        array.EnumerateArray().Select(item => item.GetString()!);

    private static string Hash(string text) => Hash(Encoding.UTF8.GetBytes(text));

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
