using System.Text.Json;
using System.Text.Json.Nodes;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.MathVista;

/// <summary>An item of MathVista with its answer and what was extracted from it, as the data files hold it.</summary>
/// <param name="Fields">The fields of the item.</param>
internal sealed record MathVistaItem(JsonRecord Fields)
{
    private const string Extraction = "extraction";
    private const string Metadata = "metadata";
    private const string Skills = "skills";

    // The groups that lie in the item itself; the others lie in its metadata.
    private static readonly string[] OwnKinds = ["question_type", "answer_type"];

    /// <summary>The kinds of groups that are scored, in the order of the score file.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        [.. OwnKinds, "language", "source", "category", "task", "context", "grade", Skills];

    /// <summary>The question as the prompt needs it.</summary>
    /// <exception cref="IOException">A field is missing or not as expected.</exception>
    public MathVistaQuestion Question => new(
        Fields.Text("question"),
        Field("choices").ValueKind == JsonValueKind.Null ? null : Fields.Texts("choices"),
        Fields.OptionalText("unit"),
        AnswerType,
        Places);

    /// <summary>Whether the answer is the letter of a choice.</summary>
    public bool IsMultipleChoice => Fields.Text("question_type") == MathVistaQuestion.MultipleChoice;

    private string AnswerType => Fields.Text("answer_type");

    private JsonElement Precision => Field("precision");

    private double? Places =>
        Precision is { ValueKind: JsonValueKind.Number } precision ? precision.GetDouble() : null;

    /// <summary>The answer in a model's text; <c>null</c> if a judge has to find it.</summary>
    /// <param name="response">The model's text.</param>
    /// <param name="isQuick">Whether a quoted answer is taken as it stands; not so officially.</param>
    /// <exception cref="IOException">A field is missing or not as expected.</exception>
    public string? Extract(string response, bool isQuick = false) => MathVistaExtraction.Find(
        response, IsMultipleChoice ? Fields.Texts("choices") : null, AnswerType, isQuick);

    /// <summary>The extracted answer in the form in which it is compared; <c>null</c> if not of its kind.</summary>
    /// <exception cref="IOException">A field is missing or not as expected.</exception>
    public string? Predict() => Predict(Field(Extraction));

    /// <summary>An extracted answer in the form in which it is compared.</summary>
    /// <param name="extraction">What was extracted; a text, unless the file is another's.</param>
    /// <exception cref="IOException">A field is missing or not as expected.</exception>
    public string? Predict(JsonElement extraction)
    {
        if (IsMultipleChoice)
        {
            return Fields.Texts("choices") is { Count: > 0 } choices
                ? MathVistaAnswer.Choice(PythonRepr.Str(extraction), choices)
                : throw new IOException($"{Fields.Where}: 'choices' is empty, expected what there is to choose from.");
        }

        return MathVistaAnswer.Free(
            AnswerType is "integer" or "float" ? Countable(extraction) : PythonRepr.Str(extraction),
            AnswerType,
            Places,
            isWholePrecision: Precision.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0);
    }

    /// <summary>Whether the extracted answer is the right one: the same text.</summary>
    /// <exception cref="IOException">A field is missing or not as expected.</exception>
    public bool IsRight() => IsEqual(Predict(), Field("answer"));

    /// <summary>Whether a prediction equals an answer as Python compares them: a text is never a number.</summary>
    public static bool IsEqual(string? prediction, JsonElement answer) => answer.ValueKind switch
    {
        JsonValueKind.String => prediction == answer.GetString(),
        JsonValueKind.Null => prediction is null,
        _ => false,
    };

    /// <summary>What the answer that was extracted is worth.</summary>
    /// <exception cref="IOException">A field is missing or not as expected.</exception>
    public Verdict Weigh() => Weigh(Field(Extraction));

    /// <summary>What an extracted answer is worth.</summary>
    /// <exception cref="IOException">A field is missing or not as expected.</exception>
    public Verdict Weigh(JsonElement extraction)
    {
        string? prediction = Predict(extraction);
        JsonElement answer = Field("answer");
        return new Verdict(
            IsEqual(prediction, answer) ? 1 : 0, prediction ?? "nothing of its kind", PythonRepr.Str(answer));
    }

    /// <summary>The item as it counts in the scores.</summary>
    /// <exception cref="IOException">A field is missing or not as expected.</exception>
    public MathVistaResult Judge()
    {
        JsonRecord metadata = Fields.Object(Metadata);
        return new MathVistaResult(
            IsRight(),
            [
                .. Kinds.Where(kind => kind != Skills).Select(kind =>
                    (kind, (OwnKinds.Contains(kind) ? Fields : metadata).Text(kind))),
                .. metadata.Texts(Skills).Select(skill => (Skills, skill)),
            ]);
    }

    /// <summary>The item with what the official script adds when it scores.</summary>
    /// <exception cref="IOException">A field is missing or not as expected.</exception>
    public JsonObject WriteJudged()
    {
        JsonObject fields = JsonObject.Create(Fields.Value)!;
        fields["prediction"] = Predict();
        fields["true_false"] = IsRight();
        return fields;
    }

    // Python's float takes true for 1; a list and nothing it refuses.
    private static string Countable(JsonElement extraction) => extraction.ValueKind switch
    {
        JsonValueKind.True => "1",
        JsonValueKind.False => "0",
        _ => PythonRepr.Str(extraction),
    };

    private JsonElement Field(string name) => Fields.Value.TryGetProperty(name, out JsonElement field)
        ? field
        : throw new IOException($"{Fields.Where}: the field '{name}' is missing.");
}
