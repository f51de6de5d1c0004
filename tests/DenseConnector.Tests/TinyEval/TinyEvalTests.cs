using System.Globalization;
using System.Text.Json;
using DenseConnector.Text;
using Xunit.Abstractions;

namespace DenseConnector.Tests.TinyEval;

public sealed class TinyEvalReport(IMessageSink messages) : SuiteReport("TinyEval", messages);

/// <summary>
/// The bundled model on its evaluation set, through the public API: prompt ids, answer ids and texts equal to what the
/// official Python code recorded for the stored weights, and so the accuracy of the model card.
/// </summary>
[Trait("Suite", "TinyEval")]
public sealed class TinyEvalTests(TinyEvalReport report) : IClassFixture<TinyEvalReport>
{
    public static TheoryData<string> Folders => [.. TestData.TinyEvalFolders];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task EveryAnswer_EqualsTheReference(string folder)
    {
        await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(TestData.TinyModel);
        TextPlan text = ReadText();
        PromptEncoder prompts = new(text.Tokenizer);
        Score score = new();

        foreach (JsonElement line in ReadLines(Path.Combine(folder, "answers.jsonl")))
        {
            ImageInput image = await LoadAsync(folder, line);
            string question = line.GetProperty("prompt").GetString()!;
            Assert.Equal(Ids(line, "input_ids"), prompts.Encode(text.Template.Format(
                [new ChatTurn(ChatRole.User, "<image>\n" + question), new ChatTurn(ChatRole.Assistant, null)])));
            GenerationResult answer = await model.GenerateAsync(new Prompt(question, image));
            Check(line, answer, line.GetProperty("text").GetString()!, score);
            report.Count("answers");
        }

        foreach (JsonElement dialogue in ReadLines(Path.Combine(folder, "dialogues.jsonl")))
        {
            ImageInput image = await LoadAsync(folder, dialogue);
            List<ChatTurn> turns = [];
            foreach (JsonElement turn in dialogue.GetProperty("turns").EnumerateArray())
            {
                string mark = turns.Count == 0 ? "<image>\n" : string.Empty;
                turns.Add(new ChatTurn(ChatRole.User, mark + turn.GetProperty("text").GetString()));
                Assert.Equal(
                    Ids(turn, "input_ids"),
                    prompts.Encode(text.Template.Format([.. turns, new ChatTurn(ChatRole.Assistant, null)])));
                GenerationResult answer = await DenseConnectorModel.CollectAsync(
                    model.ContinueAsync(new Conversation(turns, [image]), null, CancellationToken.None));
                Check(turn, answer, turn.GetProperty("answer").GetString()!, score);
                turns.Add(new ChatTurn(ChatRole.Assistant, answer.Text));
                report.Count("turns");
            }

            report.Count("dialogues");
        }

        Assert.True(score.Total > 0, $"{folder} holds no questions.");
        JsonElement card = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "summary.json")))
            .RootElement.GetProperty("f16");
        Assert.Equal(card.GetProperty("n").GetInt32(), score.Total);
        Assert.Equal(card.GetProperty("overall").GetDouble(), (double)score.Correct / score.Total, 12);
        report.Count(string.Create(CultureInfo.InvariantCulture, $"of {score.Total} exactly right"), score.Correct);
    }

    private static TextPlan ReadText()
    {
        ModelFolder folder = ModelFolder.Find(TestData.TinyModel);
        ModelOptions options = new();
        return TextPlan.Read(folder, ModelPlan.Read(folder, options).Config, options);
    }

    private static void Check(JsonElement line, GenerationResult answer, string text, Score score)
    {
        Assert.Equal(Ids(line, "token_ids"), answer.TokenIds);
        Assert.Equal(text, answer.Text);
        score.Total++;
        score.Correct += answer.Text == line.GetProperty("ground_truth").GetString() ? 1 : 0;
    }

    private static Task<ImageInput> LoadAsync(string folder, JsonElement line) =>
        ImageInput.LoadAsync(Path.Combine(folder, "images", line.GetProperty("image").GetString()!));

    private static IEnumerable<JsonElement> ReadLines(string file) => (File.Exists(file) ? File.ReadLines(file) : [])
        .Where(line => line.Length > 0)
        .Select(line => JsonDocument.Parse(line).RootElement);

    private static int[] Ids(JsonElement line, string key) =>
        [.. line.GetProperty(key).EnumerateArray().Select(id => id.GetInt32())];

    private sealed class Score
    {
        public int Total { get; set; }

        public int Correct { get; set; }
    }
}
