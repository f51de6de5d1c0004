using System.Text.Json;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

/// <summary>Every recorded prompt of the reference: its text from the template, and its ids.</summary>
[Trait("Suite", "Prompts")]
public sealed class PromptSuiteTests(PromptReport report) : IClassFixture<PromptReport>
{
    [Fact]
    public void Templates_EveryRecordedConversation_EqualReference()
    {
        Mismatches mismatches = new();
        foreach (string root in TestData.ReferenceFolders)
        {
            JsonElement templates = Golden.Json(Path.Combine(root, "prompts.json")).GetProperty("templates");
            foreach (JsonProperty row in templates.EnumerateObject())
            {
                PromptTemplate template = PromptTemplate.Find(row.Name);
                Assert.Equal(row.Name, template.Name);
                string stop = row.Value.GetProperty("stop_str").GetString()!;
                mismatches.Compare("stop text", row.Name, stop, template.StopText);
                foreach (JsonElement conversation in row.Value.GetProperty("cases").EnumerateArray())
                {
                    string input = $"{row.Name} {conversation.GetProperty("name").GetString()}";
                    ChatTurn[] turns = [.. conversation.GetProperty("messages").EnumerateArray().Select(ReadTurn)];
                    if (conversation.TryGetProperty("error", out _))
                    {
                        Assert.Throws<ArgumentException>(() => template.Format(turns));
                    }
                    else
                    {
                        mismatches.Compare(
                            "prompt", input, conversation.GetProperty("prompt").GetString()!, template.Format(turns));
                    }

                    report.Count("conversations");
                }

                report.Count("templates");
            }
        }

        mismatches.AssertNone();
    }

    [Fact]
    public void Templates_OfARequest_GiveTheIdsOfTheReferencesPrompts()
    {
        ModelFolder model = ModelFolder.Find(TestData.TinyModel);
        ModelOptions options = new();
        TextPlan own = TextPlan.Read(model, ModelPlan.Read(model, options).Config, options);
        PromptEncoder encoder = new(own.Tokenizer);
        Mismatches mismatches = new();
        foreach (string root in TestData.ReferenceFolders)
        {
            JsonElement templates = Golden.Json(Path.Combine(root, "prompts.json")).GetProperty("templates");
            foreach (JsonProperty row in templates.EnumerateObject())
            {
                foreach (JsonElement conversation in row.Value.GetProperty("cases").EnumerateArray())
                {
                    ChatTurn[] turns = [.. conversation.GetProperty("messages").EnumerateArray().Select(ReadTurn)];
                    if (turns is [.., { Role: ChatRole.Assistant, Text: null }] &&
                        conversation.TryGetProperty("prompt", out JsonElement prompt))
                    {
                        mismatches.Compare(
                            row.Name,
                            conversation.GetProperty("name").GetString()!,
                            encoder.Encode(prompt.GetString()!),
                            own.With(row.Name).Encode(new Conversation(turns[..^1], [])));
                        report.Count("prompts of a request's template");
                    }
                }
            }
        }

        mismatches.AssertNone();
    }

    [TokenizerDataFact]
    public void Prompts_RealVocabularies_EqualReference()
    {
        Mismatches mismatches = new();
        foreach (string root in TestData.TokenizerFolders)
        {
            foreach (string folder in Golden.TokenizerFolders(root))
            {
                string name = Path.GetFileName(folder);
                IReadOnlyList<JsonElement> prompts = Golden.Lines(Path.Combine(folder, "prompts.jsonl"));
                foreach (JsonElement line in prompts.Where(line => line.TryGetProperty("turns", out _)))
                {
                    string template = line.GetProperty("template").GetString()!;
                    ChatTurn[] turns = [.. line.GetProperty("turns").EnumerateArray().SelectMany(ReadExchange)];
                    mismatches.Compare(
                        $"{template} prompt",
                        line.GetProperty("turns").GetRawText(),
                        line.GetProperty("prompt").GetString()!,
                        PromptTemplate.Find(template).Format(turns));
                    report.Count("prompt texts");
                }

                ComparePrompts(Golden.Load(folder), prompts, string.Empty, mismatches);
                report.Count($"{name} prompts", prompts.Count);
                if (prompts.Any(line => line.TryGetProperty("legacy_false_ids", out _)))
                {
                    ComparePrompts(Golden.Load(folder, legacy: false), prompts, "legacy_false_", mismatches);
                    report.Count($"{name} prompts with legacy=false", prompts.Count);
                }

                if (prompts.Any(line => line.TryGetProperty("bos_postprocessor_ids", out _)))
                {
                    ComparePrompts(
                        Golden.LoadWithPostProcessor(folder, "post_processor_bos.json"),
                        prompts,
                        "bos_postprocessor_",
                        mismatches);
                    report.Count($"{name} prompts with BOS by the post-processor", prompts.Count);
                }

                if (File.Exists(Path.Combine(folder, Gpt2Files.VocabularyName)))
                {
                    ComparePrompts(Golden.LoadGpt2Files(folder), prompts, string.Empty, mismatches);
                    report.Count($"{name} prompts from vocab.json", prompts.Count);
                }
            }
        }

        mismatches.AssertNone();
    }

    [Fact]
    public void Prompts_ReferenceVocabulary_EqualTransformers()
    {
        Mismatches mismatches = new();
        foreach (string folder in TestData.ReferenceFolders.Select(root => Path.Combine(root, "tokenizer")))
        {
            JsonElement modes = Golden.Json(Path.Combine(folder, "golden.json")).GetProperty("modes");
            foreach (JsonProperty mode in modes.EnumerateObject())
            {
                IReadOnlyList<JsonElement> prompts = [.. mode.Value.GetProperty("prompts").EnumerateArray()];
                ComparePrompts(
                    Golden.Load(folder, legacy: mode.Name == "legacy_true"), prompts, string.Empty, mismatches);
                report.Count("reference prompts", prompts.Count);
            }
        }

        mismatches.AssertNone();
    }

    private static void ComparePrompts(
        CheckpointTokenizer tokenizer, IReadOnlyList<JsonElement> prompts, string prefix, Mismatches mismatches)
    {
        PromptEncoder encoder = new(new LoadedTokenizer(tokenizer));
        foreach (JsonElement line in prompts)
        {
            string prompt = line.GetProperty("prompt").GetString()!;
            bool differs = line.TryGetProperty(prefix + "ids", out JsonElement own);
            int[] ids = Golden.Ids(differs ? own : line.GetProperty("ids"));
            mismatches.Compare($"{prefix}ids", prompt, ids, encoder.Encode(prompt));
            mismatches.Compare(
                "slots", prompt, [ids.Count(id => id == PromptEncoder.ImageSlot)], [PromptEncoder.CountSlots(prompt)]);
        }
    }

    private static ChatTurn ReadTurn(JsonElement message) => new(
        message.GetProperty("role").GetString() switch
        {
            "user" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            string role => throw new InvalidDataException($"unknown role '{role}'"),
            null => throw new InvalidDataException("no role"),
        },
        message.GetProperty("text").GetString(),
        message.TryGetProperty("image_tuple", out JsonElement tuple) && tuple.GetBoolean());

    private static IEnumerable<ChatTurn> ReadExchange(JsonElement pair) =>
        [new ChatTurn(ChatRole.User, pair[0].GetString()), new ChatTurn(ChatRole.Assistant, pair[1].GetString())];
}
