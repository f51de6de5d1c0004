using System.Text.Json.Nodes;

namespace DenseConnector.Cli.Evaluation.MmBench;

/// <summary>One asking of a question of MMBench: in each round its options stand in another order.</summary>
/// <param name="Question">The question.</param>
/// <param name="Round">How many options were moved from the front to the end.</param>
internal sealed record MmBenchRound(MmBenchQuestion Question, int Round)
{
    private const string Instruction = "Answer with the option's letter from the given choices directly.";
    private const string ChineseInstruction = "请直接回答选项字母。";

    /// <summary>The options in the order of this round.</summary>
    public IReadOnlyList<string> Options => Rotate(Question.Options);

    /// <summary>The letters that these options have in the file.</summary>
    public IReadOnlyList<string> Letters => Rotate([.. MmBenchQuestion.Letters.Take(Question.Options.Count)]);

    /// <summary>The prompt as it is recorded, which is without the instruction.</summary>
    public string Prompt => string.Join(
        '\n', [Question.Question, .. Options.Select((option, i) => $"{MmBenchQuestion.Letters[i]}. {option}")]);

    /// <summary>The rounds of a question.</summary>
    /// <param name="question">The question.</param>
    /// <param name="isEvery">
    /// Whether every option comes first once, which asks nothing where there are none; else the question is asked once.
    /// </param>
    public static IEnumerable<MmBenchRound> Of(MmBenchQuestion question, bool isEvery) =>
        Enumerable.Range(0, isEvery ? question.Options.Count : 1).Select(round => new MmBenchRound(question, round));

    /// <summary>What the model is asked: the prompt, and that it answer with a letter.</summary>
    /// <param name="isChinese">Whether the instruction is Chinese.</param>
    public string Ask(bool isChinese) => $"{Prompt}\n{(isChinese ? ChineseInstruction : Instruction)}";

    /// <summary>The fields of an answer line that say what it answers.</summary>
    public JsonObject Identify() => new()
    {
        ["question_id"] = Question.Index?.DeepClone() ?? JsonValue.Create(double.NaN),
        ["round_id"] = Round,
        ["prompt"] = Prompt,
    };

    /// <summary>
    /// Whether a text is the right letter of this round; <c>null</c> where only the server knows it. The server also
    /// finds letters in longer texts, so this only shows how a run comes on.
    /// </summary>
    public Verdict? Judge(string text) => Letters.Zip(MmBenchQuestion.Letters)
        .Where(letter => letter.First == Question.Answer)
        .Select(letter => new Verdict(text == letter.Second ? 1 : 0, text, letter.Second))
        .FirstOrDefault();

    /// <summary>The answer line of the official script.</summary>
    /// <param name="text">The model's text.</param>
    /// <param name="answerId">Names the answer.</param>
    /// <param name="model">The model's name.</param>
    public JsonObject WriteAnswer(string text, string answerId, string model)
    {
        JsonObject line = Identify();
        line["text"] = text;
        line["options"] = new JsonArray([.. Options.Select(option => JsonValue.Create(option))]);
        line["option_char"] = new JsonArray([.. Letters.Select(letter => JsonValue.Create(letter))]);
        line["answer_id"] = answerId;
        line["model_id"] = model;
        line["metadata"] = new JsonObject();
        return line;
    }

    private string[] Rotate(IReadOnlyList<string> items) => [.. items.Skip(Round), .. items.Take(Round)];
}
