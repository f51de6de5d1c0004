namespace DenseConnector.Loading;

/// <summary>The weight files of one model folder, joined to one table of tensors.</summary>
/// <remarks>
/// <para>
/// Takes <c>model.safetensors</c>, or else the shards that <c>model.safetensors.index.json</c> names; transformers
/// looks in the same order. Stricter than transformers: index and shards must agree tensor by tensor, both ways.
/// </para>
/// <para>Thread-safe, as its files are. Disposing it closes them all.</para>
/// </remarks>
internal sealed class CheckpointFiles : IDisposable
{
    private const string SingleFile = "model.safetensors";
    private const string IndexFile = "model.safetensors.index.json";
    private const string PickleFile = "pytorch_model.bin";
    private const string PickleIndexFile = "pytorch_model.bin.index.json";
    private const int NamesShown = 8;

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, TensorLocation> _tensors = new(StringComparer.Ordinal);

    private CheckpointFiles(string folder) => Folder = folder;

    /// <summary>The folder, as it was given to <see cref="Open"/>.</summary>
    public string Folder { get; }

    /// <summary>The open files: one, or the shards in the order of their names.</summary>
    public IReadOnlyList<SafetensorsFile> Files => _files;

    /// <summary>All tensors of the checkpoint, by name.</summary>
    public IReadOnlyDictionary<string, TensorLocation> Tensors => _tensors;

    /// <summary>Finds, opens and checks the weight files of a folder; on a failure nothing stays open.</summary>
    /// <exception cref="CheckpointException">
    /// The folder has no weights in a format that is read, a file is missing or damaged, or index and shards disagree.
    /// </exception>
    public static CheckpointFiles Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        CheckpointFiles files = new(folder);
        bool opened = false;
        try
        {
            if (File.Exists(Path.Combine(folder, SingleFile)))
            {
                files.OpenSingle();
            }
            else if (File.Exists(Path.Combine(folder, IndexFile)))
            {
                files.OpenShards();
            }
            else
            {
                throw NoWeights(folder);
            }

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

    /// <summary>Closes all files.</summary>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files)
        {
            file.Dispose();
        }
    }

    private void OpenSingle()
    {
        SafetensorsFile file = SafetensorsFile.Open(Path.Combine(Folder, SingleFile));
        _files.Add(file);
        foreach (TensorEntry entry in file.Tensors.Values)
        {
            _tensors.Add(entry.Name, new TensorLocation(file, entry));
        }
    }

    private void OpenShards()
    {
        string indexPath = Path.Combine(Folder, IndexFile);
        ShardIndex index = ShardIndex.Open(indexPath);
        IReadOnlyList<string> shards = index.Shards;
        List<string> missing = [.. shards.Where(shard => !File.Exists(Path.Combine(Folder, shard)))];
        if (missing.Count > 0)
        {
            throw new CheckpointException(
                indexPath,
                $"names {shards.Count} files, of which the folder lacks {missing.Count}: " +
                $"{List(missing)}. Download the model again; the download was not completed.");
        }

        Dictionary<string, SafetensorsFile> byShard = new(StringComparer.Ordinal);
        foreach (string shard in shards)
        {
            SafetensorsFile file = SafetensorsFile.Open(Path.Combine(Folder, shard));
            _files.Add(file);
            byShard.Add(shard, file);
        }

        foreach ((string shard, SafetensorsFile file) in byShard)
        {
            foreach (TensorEntry entry in file.Tensors.Values)
            {
                if (!index.ShardOf.TryGetValue(entry.Name, out string? named))
                {
                    throw Disagree(
                        file.Path, entry.Name, $"is in this file, but {IndexFile} does not name it", "no entry", shard);
                }

                if (named != shard)
                {
                    string problem = byShard[named].Tensors.ContainsKey(entry.Name)
                        ? $"is both in this file and in {QuotedName.Of(named)}"
                        : $"is in this file, but {IndexFile} places it in {QuotedName.Of(named)}";
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
                    byShard[shard].Path, tensor, $"is not in this file, where {IndexFile} places it", shard, "none");
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

        if (names.FirstOrDefault(name => name is PickleFile or PickleIndexFile) is string pickle)
        {
            return new CheckpointException(
                folder,
                $"has its weights as {pickle}, which is not read yet, expected {SingleFile} or {IndexFile}. Save the " +
                "model as safetensors (in transformers: save_pretrained(folder, safe_serialization=True)).")
            {
                Expected = $"{SingleFile} or {IndexFile}",
                Found = pickle,
            };
        }

        names.Sort(StringComparer.Ordinal);
        string found = names.Count == 0 ? "nothing" : List(names);
        return new CheckpointException(
            folder,
            $"has no weights: looked for {SingleFile} and {IndexFile}, found {found}. Name the folder that holds the " +
            "model's weights, or download the model again.")
        {
            Expected = $"{SingleFile} or {IndexFile}",
            Found = found,
        };
    }

    private static string List(List<string> names) =>
        string.Join(", ", names.Take(NamesShown).Select(QuotedName.Of)) +
        (names.Count > NamesShown ? $" and {names.Count - NamesShown} more" : string.Empty);
}
