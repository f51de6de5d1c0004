using System.Text.Json;

namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>
/// The log-probability of each choice, where answers are the likeliest ones; a run that goes on adds to it. Of several
/// lines about one question the last counts.
/// </summary>
internal sealed class ChoiceFile : IDisposable
{
    private readonly FileStream _stream;

    /// <summary>Opens or makes the file, and cuts off a last line that is not complete.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public ChoiceFile(string path)
    {
        _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        _stream.SetLength(TornLine.EndOfWhole(_stream));
        _stream.Position = _stream.Length;
    }

    /// <summary>Writes the choices of a question.</summary>
    /// <param name="index">The place of the question in its file.</param>
    /// <param name="item">The question.</param>
    /// <param name="choices">Its choices, each with its natural logarithm of probability.</param>
    public void Append(int index, EvaluationItem item, IReadOnlyDictionary<string, double> choices)
    {
        byte[] line = JsonSerializer.SerializeToUtf8Bytes(new Line(index, item.Name, choices), ToolJson.Line);
        _stream.Write([.. line, (byte)'\n']);
        _stream.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private sealed record Line(int Index, string Question, IReadOnlyDictionary<string, double> LogProbabilities);
}
