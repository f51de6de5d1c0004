using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Unicode;

namespace DenseConnector.Loading;

/// <summary>The index of a checkpoint in several files: which tensor lies in which shard.</summary>
/// <remarks>
/// Reads <c>weight_map</c> of <c>model.safetensors.index.json</c> or <c>pytorch_model.bin.index.json</c>; other keys
/// (<c>metadata</c> with the total size) are skipped. A shard is a plain file name: the index can point to no other
/// folder. Immutable, hence thread-safe.
/// </remarks>
internal sealed class ShardIndex
{
    /// <summary>The longest index read, in bytes; it holds the same names as the headers of the shards.</summary>
    public const int MaxBytes = SafetensorsHeader.MaxBytes;

    private const string MapKey = "weight_map";
    private const int MaxShardNameLength = 255;
    private const string Remedy = "Download the index again, or save the model again.";

    // Those of Windows, on every system: a checkpoint that loads on one system loads on all.
    private static readonly SearchValues<char> ForbiddenCharacters = SearchValues.Create("<>:\"/\\|?*");
    private static readonly FrozenSet<string> ReservedNames = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
        "COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "COM¹", "COM²", "COM³",
        "LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "LPT¹", "LPT²", "LPT³");

    private readonly string _file;
    private readonly string _suffix;
    private readonly Dictionary<string, string> _shardOf = new(StringComparer.Ordinal);
    private readonly HashSet<string> _shards = new(StringComparer.Ordinal);

    private ShardIndex(string file, string suffix)
    {
        _file = file;
        _suffix = suffix;
    }

    /// <summary>The shard's file name, by the tensor's name.</summary>
    public IReadOnlyDictionary<string, string> ShardOf => _shardOf;

    /// <summary>The file names of all shards, each once, in ordinal order.</summary>
    public IReadOnlyList<string> Shards => [.. _shards.Order(StringComparer.Ordinal)];

    /// <summary>Reads and checks an index; whether the shards agree with it is for the caller to check.</summary>
    /// <param name="path">The index.</param>
    /// <param name="suffix">What the name of every shard ends in.</param>
    /// <exception cref="CheckpointException">The file cannot be read or is not a valid index.</exception>
    public static ShardIndex Open(string path, string suffix)
    {
        using ReadOnlyFile file = ReadOnlyFile.Open(path);
        if (file.Length > MaxBytes)
        {
            throw new CheckpointException(path, $"has {file.Length} bytes, an index at most {MaxBytes}. {Remedy}")
            {
                Expected = $"{MaxBytes} bytes at most",
                Found = $"{file.Length} bytes",
            };
        }

        byte[] json = GC.AllocateUninitializedArray<byte>((int)file.Length);
        file.Read(json, 0);
        ShardIndex index = new(path, suffix);
        if (!Utf8.IsValid(json))
        {
            throw index.Wrong("is not valid UTF-8.");
        }

        Utf8JsonReader reader = new(json, StrictJson.Options);
        try
        {
            index.ReadRoot(ref reader);
        }
        catch (JsonException e)
        {
            throw index.Wrong($"is not valid JSON ({e.Message}).", e);
        }

        return index;
    }

    private void ReadRoot(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Wrong($"holds {StrictJson.Kind(reader.TokenType)}, expected an object.");
        }

        bool hasMap = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isMap = StrictJson.Text(ref reader) == MapKey;
            reader.Read();
            if (!isMap)
            {
                reader.Skip();
            }
            else if (!hasMap)
            {
                hasMap = true;
                ReadMap(ref reader);
            }
            else
            {
                throw Wrong($"has '{MapKey}' twice.");
            }
        }

        // Past the closing brace only white space may follow; anything else makes this call throw.
        reader.Read();
        if (_shardOf.Count == 0)
        {
            throw Wrong(hasMap ? $"names no tensors in '{MapKey}'." : $"has no '{MapKey}'.");
        }
    }

    private void ReadMap(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Wrong($"has {StrictJson.Kind(reader.TokenType)} as '{MapKey}', expected an object of file names.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string tensor = StrictJson.Text(ref reader);
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                string kind = StrictJson.Kind(reader.TokenType);
                throw Wrong($"gives {kind} as the file of the tensor, expected a name.", tensor: tensor);
            }

            string shard = StrictJson.Text(ref reader);
            if (!_shards.TryGetValue(shard, out string? known))
            {
                if (ProblemOf(shard) is string problem)
                {
                    throw Wrong($"places the tensor in file {QuotedName.Of(shard)}, {problem}.", tensor: tensor);
                }

                _shards.Add(known = shard);
            }

            // The known text, so that memory holds one per shard and not one per tensor.
            if (!_shardOf.TryAdd(tensor, known))
            {
                throw Wrong("names the tensor twice.", tensor: tensor);
            }

            if (_shardOf.Count > SafetensorsHeader.MaxKeys)
            {
                throw Wrong($"names more than {SafetensorsHeader.MaxKeys} tensors.");
            }
        }
    }

    /// <summary>Why a text is not the plain file name of a shard, or <c>null</c> if it is one.</summary>
    private string? ProblemOf(string shard) =>
        shard.Length == 0 ? "which is no name"
        : shard.Length > MaxShardNameLength ? $"longer than {MaxShardNameLength} characters"
        : shard.AsSpan().ContainsAny(ForbiddenCharacters) || shard.Any(char.IsControl)
            ? "but a shard is a plain file name in the index's own folder"
        : !shard.EndsWith(_suffix, StringComparison.Ordinal) ? $"but a shard's name ends in '{_suffix}'"
        : ReservedNames.Contains(shard[..shard.IndexOf('.')].TrimEnd(' ')) ? "which Windows reserves for a device"
        : null;

    private CheckpointException Wrong(string problem, Exception? cause = null, string? tensor = null)
    {
        string subject = tensor is null ? string.Empty : $"tensor {QuotedName.Of(tensor)}: the index ";
        return new CheckpointException(_file, $"{subject}{problem} {Remedy}", cause) { Tensor = tensor };
    }
}
