using System.Text;
using System.Text.Json;
using DenseConnector.Cli.Evaluation.Data;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>
/// The answers of a run in the official form and in the order of the questions: each line is on the disk when the next
/// begins, so that a run that was ended goes on where it stood.
/// </summary>
/// <remarks>
/// A question whose answer failed has no line. The next run asks it again and puts its line in place.
/// </remarks>
internal sealed class AnswerFile : IDisposable
{
    private readonly string _path;
    private readonly IReadOnlyList<EvaluationItem> _items;
    private readonly Benchmark _benchmark;
    private readonly string _model;
    private readonly int _first;
    private readonly SortedDictionary<int, IReadOnlyList<string>> _texts = [];
    private FileStream _stream;
    private IAnswerLines _lines;

    /// <summary>Opens or makes the file, and cuts off a last line that is not complete.</summary>
    /// <param name="path">The file; nobody else may write it at the same time.</param>
    /// <param name="benchmark">The benchmark.</param>
    /// <param name="items">The questions of this run.</param>
    /// <param name="first">The place of the first of them among all questions.</param>
    /// <param name="model">The model that answers.</param>
    /// <exception cref="IOException">
    /// It answers other questions, cannot be written, or another run writes it.
    /// </exception>
    public AnswerFile(
        string path, Benchmark benchmark, IReadOnlyList<EvaluationItem> items, int first, string model)
    {
        (_path, _benchmark, _items, _first, _model) = (path, benchmark, items, first, model);
        _lines = benchmark.StartLines();
        _stream = Open(path);
        try
        {
            Read();
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>The answers that are there, by the place of their item: a text for each of its questions.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<string>> Texts => _texts;

    /// <summary>The questions without an answer that come before one with an answer.</summary>
    public IReadOnlyList<int> Gaps =>
        [.. Enumerable.Range(0, Next).Where(index => !_texts.ContainsKey(index))];

    /// <summary>The first question behind the last answer.</summary>
    public int Next => _texts.Count == 0 ? 0 : _texts.Keys.Last() + 1;

    /// <summary>Reads the answers of a file, by the place of their question, without changing it.</summary>
    /// <exception cref="IOException">It cannot be read, or answers other questions.</exception>
    public static IReadOnlyDictionary<int, IReadOnlyList<string>> ReadTexts(
        string path, Benchmark benchmark, IReadOnlyList<EvaluationItem> items) =>
        Match(path, File.ReadLines(path), benchmark, items)
            .ToDictionary(answer => answer.Index, answer => answer.Texts);

    /// <summary>Writes the next answer.</summary>
    /// <param name="index">The place of the question, behind those of all answers before.</param>
    /// <param name="texts">The answer.</param>
    public void Append(int index, IReadOnlyList<string> texts)
    {
        _texts.Add(index, texts);
        _stream.Write(Line(index));
        _stream.Flush();
    }

    /// <summary>Puts answers into gaps: a new file takes the place of the old one in one step.</summary>
    public void Fill(IReadOnlyDictionary<int, IReadOnlyList<string>> answers)
    {
        foreach ((int index, IReadOnlyList<string> texts) in answers)
        {
            _texts.Add(index, texts);
        }

        // What draws guesses in the order of the lines begins anew.
        _lines = _benchmark.StartLines();
        string whole = _path + ".new";
        using (FileStream stream = File.Create(whole))
        {
            foreach (int index in _texts.Keys)
            {
                stream.Write(Line(index));
            }
        }

        _stream.Dispose();
        File.Move(whole, _path, overwrite: true);
        _stream = Open(_path);
        _stream.Position = _stream.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static FileStream Open(string path) =>
        new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private byte[] Line(int index)
    {
        EvaluationItem item = _items[index];
        string id = AnswerId.Of(_model, _first + index, item.Questions[0]);
        return Encoding.UTF8.GetBytes(PythonJson.Write(_lines.Write(item, _texts[index], id, _model)) + "\n");
    }

    private void Read()
    {
        _stream.SetLength(TornLine.EndOfWhole(_stream));
        _stream.Position = 0;
        using StreamReader reader = new(_stream, Encoding.UTF8, leaveOpen: true);
        foreach ((int index, IReadOnlyList<string> texts) in Match(_path, Lines(reader), _benchmark, _items))
        {
            _texts.Add(index, texts);
            _ = Line(index);
        }

        _stream.Position = _stream.Length;
    }

    private static IEnumerable<string> Lines(TextReader reader)
    {
        while (reader.ReadLine() is string line)
        {
            yield return line;
        }
    }

    /// <summary>Finds the question of each line, of which some may have none.</summary>
    private static IEnumerable<(int Index, IReadOnlyList<string> Texts)> Match(
        string path, IEnumerable<string> lines, Benchmark benchmark, IReadOnlyList<EvaluationItem> items)
    {
        int index = 0;
        foreach ((int number, string line) in lines.Index())
        {
            JsonRecord answer = JsonData.Parse($"{path}: line {number + 1}", line);
            while (index < items.Count && !Answers(answer, items[index]))
            {
                index++;
            }

            if (index == items.Count)
            {
                throw new IOException(
                    $"{answer.Where} answers none of the questions that are left in their order: the file is of " +
                    "other questions or another order. Name the output folder of this run, or a new one.");
            }

            yield return (index++, [.. benchmark.AnswerFields.Select(answer.Text)]);
        }
    }

    private static bool Answers(JsonRecord answer, EvaluationItem item) => item.Identity.All(field =>
        answer.Value.TryGetProperty(field.Key, out JsonElement value) &&
        PythonJson.Write(value) == PythonJson.Write(field.Value));
}
