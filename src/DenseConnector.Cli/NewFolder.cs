namespace DenseConnector.Cli;

/// <summary>
/// A folder that a command fills: new or empty before, and as it was before unless it is completed, so that nothing
/// that broke off is taken for a model.
/// </summary>
internal sealed class NewFolder : IDisposable
{
    private readonly bool _wasThere;
    private bool _complete;

    /// <summary>Makes the folder unless it is there and empty.</summary>
    /// <exception cref="ArgumentException">It holds something, or is a file.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    public NewFolder(string path)
    {
        Path = path;
        _wasThere = Directory.Exists(path);
        if (File.Exists(path) || (_wasThere && Directory.EnumerateFileSystemEntries(path).Any()))
        {
            throw new ArgumentException($"'{path}' is there already and not empty; name a new folder.");
        }

        Directory.CreateDirectory(path);
    }

    /// <summary>The folder as the user named it.</summary>
    public string Path { get; }

    /// <summary>Keeps what was written.</summary>
    public void Complete() => _complete = true;

    /// <summary>Removes what was written unless it is complete.</summary>
    public void Dispose()
    {
        if (_complete)
        {
            return;
        }

        try
        {
            // It was empty: all that is in it was written since.
            Array.ForEach(Directory.GetDirectories(Path), folder => Directory.Delete(folder, recursive: true));
            Array.ForEach(Directory.GetFiles(Path), File.Delete);
            if (!_wasThere)
            {
                Directory.Delete(Path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What broke off has its own error, which is the one to tell; a model's folder has config.json in the end.
        }
    }
}
