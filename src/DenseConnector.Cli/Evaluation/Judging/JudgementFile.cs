using System.Collections.Concurrent;
using System.Text;

namespace DenseConnector.Cli.Evaluation.Judging;

/// <summary>
/// The raw judgements of a run, as JSON lines: each is on the disk when the next begins, and is used again instead of
/// asking when its request is asked anew.
/// </summary>
/// <remarks>Judgements may be looked up while one thread appends others.</remarks>
internal sealed class JudgementFile : IDisposable
{
    // The requests of a large benchmark are hundreds of megabytes, of which only the hashes are needed.
    private readonly ConcurrentDictionary<(string Item, int Try, string Hash), JudgeReply> _replies = [];
    private readonly FileStream? _stream;

    private JudgementFile(string path, FileStream? stream)
    {
        Path = path;
        _stream = stream;
    }

    /// <summary>Where the file is.</summary>
    public string Path { get; }

    /// <summary>Opens or makes the file to go on with it, and cuts off a last line that is not complete.</summary>
    /// <param name="path">The file; nobody else may write it at the same time.</param>
    /// <exception cref="IOException">
    /// It holds other lines, cannot be written, or another run writes it.
    /// </exception>
    public static JudgementFile Open(string path)
    {
        FileStream stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        JudgementFile file = new(path, stream);
        try
        {
            long whole = file.ReadFrom(stream);
            stream.SetLength(whole);
            stream.Position = whole;
            return file;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads the file to score by it, without changing it; one that is not there has no judgements.</summary>
    /// <exception cref="IOException">It holds other lines or cannot be read.</exception>
    public static JudgementFile Read(string path)
    {
        JudgementFile file = new(path, stream: null);
        if (File.Exists(path))
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            file.ReadFrom(stream);
        }

        return file;
    }

    /// <summary>The reply of an item's try; <c>null</c> if this was not asked.</summary>
    public JudgeReply? Find(string item, int tryNumber, JudgeRequest request) =>
        _replies.GetValueOrDefault((item, tryNumber, request.Hash()));

    /// <summary>The replies to all items, as they are stored.</summary>
    /// <exception cref="IOException">A judgement is missing; the message names the first item.</exception>
    public IReadOnlyList<JudgedItem> Replay(IEnumerable<JudgeTask> tasks) => [.. tasks.Select(task =>
    {
        List<JudgeReply> replies = [];
        while (task.Next(replies) is JudgeRequest request)
        {
            replies.Add(Find(task.Item, replies.Count + 1, request) ?? throw new IOException(
                $"{Path}: has no judgement of the item '{task.Item}', try {replies.Count + 1}, for what is to be " +
                "asked about it. Let a judge judge first, or take the answers and the judge's name that the file is " +
                "of."));
        }

        return new JudgedItem(task.Item, replies);
    })];

    /// <summary>Writes a judgement.</summary>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    public void Append(Judgement judgement)
    {
        FileStream stream = _stream ??
            throw new InvalidOperationException($"{Path}: was opened to be read, so nothing is written to it.");
        stream.Write(Encoding.ASCII.GetBytes(judgement.Write() + "\n"));

        // A judgement is paid for.
        stream.Flush(flushToDisk: true);
        Take(judgement);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream?.Dispose();

    /// <summary>Takes all complete lines and gives the place behind them.</summary>
    private long ReadFrom(FileStream stream)
    {
        long whole = TornLine.EndOfWhole(stream);
        using StreamReader reader = new(stream, Encoding.UTF8, leaveOpen: true);
        stream.Position = 0;
        for (int number = 1; whole > 0 && reader.ReadLine() is string line; number++)
        {
            if (reader.EndOfStream && whole < stream.Length)
            {
                // It was being written when the run ended.
                break;
            }

            Take(Judgement.Read($"{Path}: line {number}", line));
        }

        return whole;
    }

    private void Take(Judgement judgement) =>
        _replies[(judgement.Item, judgement.Try, JudgeRequest.HashOf(judgement.Request))] = judgement.Reply;
}
