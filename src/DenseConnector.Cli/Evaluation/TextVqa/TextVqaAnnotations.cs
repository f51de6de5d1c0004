using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;
using DenseConnector.Cli.Evaluation.Vqa;

namespace DenseConnector.Cli.Evaluation.TextVqa;

/// <summary>The answers that people gave to the questions of TextVQA.</summary>
internal sealed class TextVqaAnnotations
{
    private readonly string _file;
    private readonly Dictionary<(string Image, string Question), JsonRecord> _annotations = [];

    /// <summary>Reads the official file.</summary>
    /// <exception cref="IOException">It cannot be read or lacks something.</exception>
    public TextVqaAnnotations(string file)
    {
        _file = file;
        foreach (JsonRecord annotation in JsonData.Read(file).List("data"))
        {
            // Of several annotations with one picture and question the last counts.
            _annotations[(annotation.Key("image_id"), PythonText.Lower(annotation.Text("question")))] = annotation;
        }
    }

    /// <summary>Finds what people answered to a question.</summary>
    /// <param name="asked">What names the picture: the question or its answer.</param>
    /// <param name="prompt">What the model was asked.</param>
    /// <exception cref="IOException">There is no such annotation, or it is not as expected.</exception>
    public TextVqaAnnotation Find(JsonRecord asked, string prompt)
    {
        string question = TextVqaPrompt.FindQuestion(prompt) ?? throw new IOException(
            $"{asked.Where}: the prompt has no question in a known place; expected the question, the line of OCR " +
            "tokens if any, and the instruction, each on a line of its own.");
        JsonRecord annotation = _annotations.GetValueOrDefault((asked.Key("question_id"), question)) ??
            throw new IOException(
                $"{asked.Where}: {_file} has no question '{question}' about the picture {asked.Key("question_id")}. " +
                "Take the annotations that belong to the questions.");
        string[] given = [.. annotation.Texts("answers").Select(VqaNormaliser.Normalise)];
        return given.Length == SoftAccuracy.Annotators
            ? new TextVqaAnnotation(question, annotation, given)
            : throw new IOException(
                $"{annotation.Where}: there are {given.Length} answers of people, expected {SoftAccuracy.Annotators}.");
    }
}
