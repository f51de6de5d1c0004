using System.Text;
using System.Text.Json;

namespace DenseConnector.Cli.Captioning;

/// <summary>
/// The JSON lines a run writes, and goes on with when it was ended before: each line is on the disk when the next
/// begins.
/// </summary>
internal sealed class CaptionFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);

    /// <summary>Opens or makes the file, and cuts off a last line that is not complete.</summary>
    /// <param name="path">The file; nobody else may write it at the same time.</param>
    /// <param name="model">The model that its lines are of.</param>
    /// <param name="prompt">The question they answer.</param>
    /// <param name="options">How they are made: see <see cref="Caption.Describe"/>.</param>
    /// <exception cref="IOException">
    /// It holds other lines, cannot be written, or another run writes it.
    /// </exception>
    public CaptionFile(string path, string model, string prompt, JsonElement options)
    {
        _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            Read(path, model, prompt, options);
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>How many lines tell of an error.</summary>
    public int Errors { get; private set; }

    /// <summary>Whether a picture has its line.</summary>
    public bool Has(string image) => _done.Contains(image);

    /// <summary>Writes a line.</summary>
    public void Append(Caption caption)
    {
        _stream.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(caption, ToolJson.Line) + "\n"));
        _stream.Flush();
        Take(caption);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Read(string path, string model, string prompt, JsonElement options)
    {
        long whole = TornLine.EndOfWhole(_stream);
        using (StreamReader reader = new(_stream, Encoding.UTF8, leaveOpen: true))
        {
            _stream.Position = 0;
            for (int number = 1; _stream.Length > 0 && reader.ReadLine() is string line; number++)
            {
                if (reader.EndOfStream && whole < _stream.Length)
                {
                    // Cut off below: it was being written when the run ended.
                    break;
                }

                Caption caption = Parse(line) ?? throw new IOException(
                    $"{path}: line {number} is no caption; expected an object with 'image', 'model', 'prompt' " +
                    "and 'options'. Name a new file.");
                if (caption.Model != model || caption.Prompt != prompt)
                {
                    throw new IOException(
                        $"{path}: line {number} is of the model '{caption.Model}' and the prompt " +
                        $"'{caption.Prompt}', expected '{model}' and '{prompt}'. Name a new file.");
                }

                if (!JsonElement.DeepEquals(caption.Options, options))
                {
                    throw new IOException(
                        $"{path}: line {number} was made with the options {caption.Options}, expected {options}. " +
                        "Name a new file.");
                }

                Take(caption);
            }
        }

        _stream.SetLength(whole);
        _stream.Position = whole;
    }

    private void Take(Caption caption)
    {
        _done.Add(caption.Image);
        Errors += caption.Error is null ? 0 : 1;
    }

    private static Caption? Parse(string line)
    {
        try
        {
            Caption? caption = JsonSerializer.Deserialize<Caption>(line, ToolJson.Line);
            return caption is
            {
                Image: not null, Model: not null, Prompt: not null, Options.ValueKind: JsonValueKind.Object,
            } ? caption : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
