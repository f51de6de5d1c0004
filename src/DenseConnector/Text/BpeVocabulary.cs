using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace DenseConnector.Text;

/// <summary>The tokens and merges of a BPE tokenizer, checked as they are read.</summary>
/// <remarks>
/// Tokens first, then merges in their order, then <see cref="Complete"/> if it is byte-level; immutable from then on.
/// </remarks>
internal sealed class BpeVocabulary
{
    /// <summary>The highest number of tokens; four times what the largest published vocabularies have.</summary>
    public const int MaxTokens = 1 << 20;

    private const int MaxMerges = 4 << 20;
    private const int ShownLength = 40;

    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly HashSet<int> _taken = [];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Merged)> _pairs = [];
    private readonly int[] _byteIds = new int[256];
    private char[] _joined = new char[256];
    private int _rank;
    private MergeTable? _merges;

    /// <summary>Starts an empty vocabulary.</summary>
    /// <param name="file">The file it is read from, for errors.</param>
    public BpeVocabulary(string file)
    {
        File = file;
        _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The file the tokens are read from.</summary>
    public string File { get; }

    /// <summary>The ids by token; in a byte-level vocabulary each character of a token stands for a byte.</summary>
    public IReadOnlyDictionary<string, int> Ids => _ids;

    /// <summary>For (left, right) tokens the rank of their merge and its result; read until it is complete.</summary>
    public IReadOnlyDictionary<(int Left, int Right), (int Rank, int Merged)> Pairs => _pairs;

    /// <summary>The id of the token of each single byte.</summary>
    public ReadOnlySpan<int> ByteIds => _byteIds;

    /// <summary>What merges.</summary>
    public MergeTable Merges => _merges ?? throw new InvalidOperationException("The vocabulary is not complete.");

    /// <summary>Finds a token.</summary>
    public bool TryGetId(ReadOnlySpan<char> token, out int id) => _lookup.TryGetValue(token, out id);

    /// <summary>Refuses bytes that are not UTF-8, which the JSON reader itself would let pass.</summary>
    /// <exception cref="CheckpointException">The bytes are not UTF-8.</exception>
    public static void CheckUtf8(string file, ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes))
        {
            throw new CheckpointException(file, "is not valid UTF-8. Download it again.");
        }
    }

    /// <summary>Reads a JSON object of ids by token.</summary>
    /// <param name="reader">A reader that stands before the object.</param>
    /// <exception cref="CheckpointException">The object is not a vocabulary.</exception>
    /// <exception cref="JsonException">The JSON is malformed.</exception>
    public void ReadTokens(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Wrong($"has a vocabulary that starts with {reader.TokenType}, expected an object of ids by token.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string token = TextOf(File, ref reader);
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int id) ||
                id is < 0 or >= MaxTokens)
            {
                throw Wrong($"gives '{Shown(token)}' no id from 0 to {MaxTokens - 1:N0}.");
            }

            if (!_taken.Add(id))
            {
                throw Wrong($"gives '{Shown(token)}' the id {id}, which another token has.");
            }

            if (!_ids.TryAdd(token, id))
            {
                throw Wrong($"has '{Shown(token)}' twice in the vocabulary.");
            }
        }
    }

    /// <summary>Adds the next merge.</summary>
    /// <param name="file">The file that has it, for errors.</param>
    /// <param name="left">The left token.</param>
    /// <param name="right">The right token.</param>
    /// <exception cref="CheckpointException">The vocabulary has not all three tokens.</exception>
    public void AddMerge(string file, ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (_rank == MaxMerges)
        {
            throw Wrong(file, $"has more than {MaxMerges:N0} merges.");
        }

        int leftId = PartId(file, left), rightId = PartId(file, right);
        int length = left.Length + right.Length;
        if (length > _joined.Length)
        {
            _joined = new char[2 * length];
        }

        left.CopyTo(_joined);
        right.CopyTo(_joined.AsSpan(left.Length));
        ReadOnlySpan<char> joined = _joined.AsSpan(0, length);
        if (!TryGetId(joined, out int merged))
        {
            throw Wrong(file, $"has merge {_rank} of '{Shown(left)}' and '{Shown(right)}', but no token for both.");
        }

        // Written twice, the later one counts, as in the reference.
        _pairs[(leftId, rightId)] = (_rank++, merged);
    }

    /// <summary>Ends the reading of a byte-level vocabulary.</summary>
    /// <exception cref="CheckpointException">A byte has no token.</exception>
    public BpeVocabulary Complete()
    {
        for (int value = 0; value < _byteIds.Length; value++)
        {
            char character = ByteCharacters.Of((byte)value);
            if (!TryGetId([character], out _byteIds[value]))
            {
                throw Wrong($"has no token '{character}' for the byte 0x{value:X2}; a byte-level vocabulary has all.");
            }
        }

        _merges = new MergeTable(_pairs);
        _pairs.Clear();
        _taken.Clear();
        return this;
    }

    /// <summary>The text of the current string or property name.</summary>
    /// <exception cref="CheckpointException">It has half a surrogate pair, written as an escape.</exception>
    public static string TextOf(string file, ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong(file, $"has a string with half a surrogate pair.");
        }
    }

    private int PartId(string file, ReadOnlySpan<char> part) =>
        TryGetId(part, out int id) ? id
        : throw Wrong(file, $"has merge {_rank} of '{Shown(part)}', which is no token of the vocabulary.");

    private static string Shown(ReadOnlySpan<char> text) =>
        text.Length <= ShownLength ? text.ToString() : $"{text[..(ShownLength - 3)]}...";

    private CheckpointException Wrong(FormattableString problem) => Wrong(File, problem);

    private static CheckpointException Wrong(string file, FormattableString problem) =>
        new(file, problem.ToString(CultureInfo.InvariantCulture));
}
