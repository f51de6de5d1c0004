namespace DenseConnector.Loading;

/// <summary>The weight files of one folder, joined to one table of tensors under the names the files give.</summary>
/// <remarks>
/// <para>
/// Takes <c>model.safetensors</c>, or else the shards that <c>model.safetensors.index.json</c> names, or else the same
/// of <c>pytorch_model.bin</c>; transformers looks in the same order. Stricter than transformers: index and shards must
/// agree tensor by tensor, both ways.
/// </para>
/// <para>Thread-safe, as its files are. Disposing it closes them all.</para>
/// </remarks>
internal sealed class CheckpointFiles : IDisposable
{
    private const string IndexSuffix = ".index.json";
    private const int NamesShown = 8;

    /// <summary>
    /// What a whole model's weights are called, the preferred format first; the last two by OpenCLIP.
    /// </summary>
    private static readonly string[] ModelFiles =
    [
        "model" + TensorFile.SafetensorsSuffix,
        "pytorch_model" + TensorFile.PickleSuffix,
        "open_clip_model" + TensorFile.SafetensorsSuffix,
        "open_clip_pytorch_model" + TensorFile.PickleSuffix,
    ];

    private readonly List<TensorFile> _files = [];
    private readonly Dictionary<string, TensorLocation> _tensors = new(StringComparer.Ordinal);

    private CheckpointFiles(string folder) => Folder = folder;

    /// <summary>The folder, as it was given.</summary>
    public string Folder { get; }

    /// <summary>The open files: one, or the shards in the order of their names.</summary>
    public IReadOnlyList<TensorFile> Files => _files;

    /// <summary>All tensors of the checkpoint, by name.</summary>
    public IReadOnlyDictionary<string, TensorLocation> Tensors => _tensors;

    /// <summary>Finds, opens and checks the weight files of a folder; on a failure nothing stays open.</summary>
    /// <exception cref="CheckpointException">
    /// The folder has no weights in a format that is read, a file is missing or damaged, or index and shards disagree.
    /// </exception>
    public static CheckpointFiles Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return FindModel(folder) switch
        {
            null => throw NoWeights(folder),
            (string name, true) => Open(folder, files => files.OpenShards(name + IndexSuffix, Path.GetExtension(name))),
            (string name, false) => Open(folder, files => files.OpenSingle(name)),
        };
    }

    /// <summary>Whether a folder holds a whole model's weights, in any format that is read.</summary>
    public static bool IsIn(string folder) => FindModel(folder) is not null;

    /// <summary>
    /// Opens one file of weights that lies beside or instead of a model's, in the preferred format it is there in;
    /// <c>null</c> if it is in none.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The file's name without its ending, for example <c>adapter_model</c>.</param>
    /// <exception cref="CheckpointException">The file is damaged.</exception>
    public static CheckpointFiles? TryOpen(string folder, string name) =>
        FindFile(folder, name) is string file ? Open(folder, files => files.OpenSingle(file)) : null;

    /// <summary>The name, with its ending, under which a folder has a file of weights, or <c>null</c>.</summary>
    public static string? FindFile(string folder, string name) =>
        new[] { name + TensorFile.SafetensorsSuffix, name + TensorFile.PickleSuffix }
            .FirstOrDefault(file => File.Exists(Path.Combine(folder, file)));

    /// <summary>Closes all files.</summary>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private static (string Name, bool InShards)? FindModel(string folder)
    {
        foreach (string name in ModelFiles)
        {
            if (File.Exists(Path.Combine(folder, name)))
            {
                return (name, false);
            }

            if (File.Exists(Path.Combine(folder, name + IndexSuffix)))
            {
                return (name, true);
            }
        }

        return null;
    }

    private static CheckpointFiles Open(string folder, Action<CheckpointFiles> open)
    {
        CheckpointFiles files = new(folder);
        bool opened = false;
        try
        {
            open(files);
            opened = true;
            return files;
        }
        finally
        {
            if (!opened)
            {
                files.Dispose();
            }
        }
    }

    private void OpenSingle(string name)
    {
        TensorFile file = TensorFile.Open(Path.Combine(Folder, name));
        _files.Add(file);
        foreach (TensorEntry entry in file.Tensors.Values)
        {
            _tensors.Add(entry.Name, new TensorLocation(file, entry));
        }
    }

    private void OpenShards(string indexFile, string suffix)
    {
        string indexPath = Path.Combine(Folder, indexFile);
        ShardIndex index = ShardIndex.Open(indexPath, suffix);
        IReadOnlyList<string> shards = index.Shards;
        List<string> missing = [.. shards.Where(shard => !File.Exists(Path.Combine(Folder, shard)))];
        if (missing.Count > 0)
        {
            throw new CheckpointException(
                indexPath,
                $"names {shards.Count} files, of which the folder lacks {missing.Count}: " +
                $"{List(missing)}. Download the model again; the download was not completed.");
        }

        Dictionary<string, TensorFile> byShard = new(StringComparer.Ordinal);
        foreach (string shard in shards)
        {
            TensorFile file = TensorFile.Open(Path.Combine(Folder, shard));
            _files.Add(file);
            byShard.Add(shard, file);
        }

        foreach ((string shard, TensorFile file) in byShard)
        {
            foreach (TensorEntry entry in file.Tensors.Values)
            {
                if (!index.ShardOf.TryGetValue(entry.Name, out string? named))
                {
                    throw Disagree(
                        file.Path, entry.Name, $"is in this file, but {indexFile} does not name it", "no entry", shard);
                }

                if (named != shard)
                {
                    string problem = byShard[named].Tensors.ContainsKey(entry.Name)
                        ? $"is both in this file and in {QuotedName.Of(named)}"
                        : $"is in this file, but {indexFile} places it in {QuotedName.Of(named)}";
                    throw Disagree(file.Path, entry.Name, problem, named, shard);
                }

                _tensors.Add(entry.Name, new TensorLocation(file, entry));
            }
        }

        foreach ((string tensor, string shard) in index.ShardOf)
        {
            if (!_tensors.ContainsKey(tensor))
            {
                throw Disagree(
                    byShard[shard].Path, tensor, $"is not in this file, where {indexFile} places it", shard, "none");
            }
        }
    }

    private static CheckpointException Disagree(
        string file, string tensor, string problem, string expected, string found) =>
        new(file, $"tensor {QuotedName.Of(tensor)} {problem}. Download index and shards again, from one revision.")
        {
            Tensor = tensor,
            Expected = expected,
            Found = found,
        };

    private static CheckpointException NoWeights(string folder)
    {
        List<string> names;
        try
        {
            names = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().Select(entry => entry.Name)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CheckpointException(folder, $"cannot be read as a model folder ({e.Message})", e);
        }

        names.Sort(StringComparer.Ordinal);
        string expected = string.Join(", ", ModelFiles);
        string found = names.Count == 0 ? "nothing" : List(names);
        return new CheckpointException(
            folder,
            $"has no weights: looked for {expected} and their indexes (*{IndexSuffix}), found {found}. Name the " +
            "folder that holds the model's weights, or download the model again.")
        {
            Expected = expected,
            Found = found,
        };
    }

    private static string List(List<string> names) =>
        string.Join(", ", names.Take(NamesShown).Select(QuotedName.Of)) +
        (names.Count > NamesShown ? $" and {names.Count - NamesShown} more" : string.Empty);
}
