namespace DenseConnector.Hub;

/// <summary>
/// Downloads the bytes of one file into <c>hash.incomplete</c>, going on where an earlier download broke off, and gives
/// the file its name once the hash is right.
/// </summary>
/// <remarks>
/// The caller holds the blob's lock. The name <c>.incomplete</c> and the way it grows are those of Python's library:
/// what one began, the other finishes. Used by one task.
/// </remarks>
internal sealed class BlobDownload : IDisposable
{
    private const int BufferSize = 1 << 18;

    private readonly HubTransport _transport;
    private readonly HubSettings _settings;
    private readonly HubSubject _subject;
    private readonly Uri _address;
    private readonly HubFile _file;
    private readonly string _path;
    private readonly Action<long> _progress;
    private readonly BlobHash _hash;
    private readonly FileStream _stream;
    private long _length;
    private bool _isMixed;

    /// <summary>Opens the incomplete file.</summary>
    /// <param name="transport">Sends the requests.</param>
    /// <param name="settings">How often and how long is waited.</param>
    /// <param name="subject">The repository and file, for errors.</param>
    /// <param name="address">The file's address on the hub.</param>
    /// <param name="file">Its hash and size.</param>
    /// <param name="path">Where the blob shall lie.</param>
    /// <param name="progress">Told how many bytes there are.</param>
    public BlobDownload(
        HubTransport transport,
        HubSettings settings,
        HubSubject subject,
        Uri address,
        HubFile file,
        string path,
        Action<long> progress)
    {
        _transport = transport;
        _settings = settings;
        _subject = subject;
        _address = address;
        _file = file;
        _path = path;
        _progress = progress;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);

        // No buffer: what was written is in the system's hands when this process is killed.
        _stream = new FileStream(
            IncompletePath(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        _hash = new BlobHash(file.Hash, file.Size);
    }

    /// <summary>The path under which a blob grows.</summary>
    public static string IncompletePath(string blob) => blob + ".incomplete";

    /// <summary>Downloads what is missing, checks it, and puts it in place.</summary>
    /// <exception cref="HubException">The file cannot be had, or not with the hash it should have.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await TakeOverAsync(cancellation).ConfigureAwait(false);
        HubRetry retry = new(_settings);
        long longest = _length;
        for (bool restarted = false; ;)
        {
            try
            {
                while (_length < _file.Size)
                {
                    await ReceiveAsync(cancellation).ConfigureAwait(false);
                }
            }
            catch (HubException e) when (e.IsTransient)
            {
                // Further than ever, so that a server that always breaks before the end is given up in the end.
                if (_length > longest)
                {
                    longest = _length;
                    retry.Progressed();
                }

                await retry.WaitAsync(e, cancellation).ConfigureAwait(false);
                continue;
            }

            string found = _hash.Current();
            if (found == _file.Hash)
            {
                break;
            }

            // Pieces of different answers may not fit together. What came in one answer is wrong at its source.
            if (!_isMixed || restarted)
            {
                _stream.Dispose();
                File.Delete(IncompletePath(_path));
                throw HubErrors.WrongHash(_subject.Repository, _file, found);
            }

            restarted = true;
            longest = 0;
            Restart();
        }

        // On the disk before it has its name: a blob is trusted without being read again.
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        File.Move(IncompletePath(_path), _path, overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
    }

    /// <summary>Takes the bytes of an earlier download into the hash.</summary>
    private async Task TakeOverAsync(CancellationToken cancellation)
    {
        long there = _stream.Length;
        if (there > _file.Size)
        {
            Restart();
            return;
        }

        byte[] buffer = new byte[BufferSize];
        while (_length < there)
        {
            int count = await _stream.ReadAsync(buffer, cancellation).ConfigureAwait(false);
            _hash.Append(buffer.AsSpan(0, count));
            _length += count;
            _isMixed = true;
        }

        _progress(_length);
    }

    /// <summary>Receives one answer's bytes, to the end of the file or to where the connection breaks.</summary>
    private async Task ReceiveAsync(CancellationToken cancellation)
    {
        using HttpResponseMessage response = await _transport.SendAsync(
            HttpMethod.Get, _address, _subject, _length, cancellation).ConfigureAwait(false);
        if (_length > 0 && !IsContinuation(response))
        {
            // The server ignores ranges, or has a file of another length: everything from the start.
            Restart();
            if (response.StatusCode != System.Net.HttpStatusCode.OK)
            {
                return;
            }
        }

        _isMixed |= _length > 0;
        Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            byte[] buffer = new byte[BufferSize];
            while (_length < _file.Size)
            {
                int wanted = (int)Math.Min(buffer.Length, _file.Size - _length);
                int count = await _transport.ReadAsync(
                    body, buffer.AsMemory(0, wanted), _address, _subject, cancellation).ConfigureAwait(false);
                if (count == 0)
                {
                    throw HubErrors.Broken(
                        _subject.Repository,
                        _subject.File,
                        _address.Host,
                        new EndOfStreamException($"it ended after {_length} of {_file.Size} bytes"),
                        reached: true);
                }

                await _stream.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
                _hash.Append(buffer.AsSpan(0, count));
                _length += count;
                _progress(_length);
            }
        }
    }

    /// <summary>Whether an answer begins at the byte asked for, in a file of the size expected.</summary>
    private bool IsContinuation(HttpResponseMessage response) =>
        response.StatusCode == System.Net.HttpStatusCode.PartialContent &&
        response.Content.Headers.ContentRange is { From: long from } range && from == _length &&
        (range.Length is null || range.Length == _file.Size);

    private void Restart()
    {
        _stream.SetLength(0);
        _stream.Position = 0;
        _hash.Reset();
        _length = 0;
        _isMixed = false;
        _progress(0);
    }
}
