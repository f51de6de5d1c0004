using System.Buffers;
using System.Globalization;
using System.Text.Json;
using DenseConnector.Configuration;

namespace DenseConnector.Text;

/// <summary>A <c>tokenizer.json</c>, the file of Hugging Face tokenizers, taken apart.</summary>
/// <remarks>
/// The vocabulary and the merges, nearly all of the file, are read in place; only the rest becomes a JSON document.
/// Immutable.
/// </remarks>
internal sealed class TokenizerJsonFile
{
    private const string Kind = "a tokenizer.json";

    private readonly byte[] _bytes;
    private readonly Range _vocabulary;
    private readonly Range _merges;

    private TokenizerJsonFile(string file, byte[] bytes)
    {
        Utf8JsonReader reader = new(bytes);
        (_vocabulary, _merges) = FindTables(file, ref reader);
        _bytes = bytes;
        File = file;
        Settings = ConfigJson.Parse(file, WithoutTables(bytes, _vocabulary, _merges));
    }

    /// <summary>The file's name as errors show it.</summary>
    public string File { get; }

    /// <summary>All of it but the vocabulary and the merges.</summary>
    public ConfigJson Settings { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="CheckpointException">The file cannot be read or is damaged.</exception>
    public static TokenizerJsonFile Load(string path) => Parse(path, BoundedFile.Read(path, Kind));

    /// <summary>Reads a file's content.</summary>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="bytes">Its content.</param>
    /// <exception cref="CheckpointException">The content is damaged.</exception>
    public static TokenizerJsonFile Parse(string file, byte[] bytes)
    {
        BpeVocabulary.CheckUtf8(file, bytes);
        try
        {
            return new TokenizerJsonFile(file, bytes);
        }
        catch (JsonException e)
        {
            throw new CheckpointException(file, $"is not valid JSON ({e.Message}). Download it again.", e);
        }
    }

    /// <summary>The settings of <c>model</c>, those checked that every kind of BPE has.</summary>
    /// <exception cref="ModelConfigException">It asks for what is not supported.</exception>
    public ConfigJson CheckModel()
    {
        ConfigJson model = Settings.Object("model") ??
            throw Settings.Unsupported("model", "missing", "models of the type 'BPE'");

        // The first releases wrote no type.
        string type = model.String("type") ?? "BPE";
        if (type != "BPE")
        {
            throw model.Unsupported("type", $"'{type}'", "'BPE'");
        }

        if (model.Double("dropout", 0) != 0)
        {
            throw model.Unsupported("dropout", "set", "null");
        }

        foreach (string key in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            if (model.String(key) is { Length: > 0 } affix)
            {
                throw model.Unsupported(key, $"'{affix}'", "an empty string");
            }
        }

        return model;
    }

    /// <summary>Reads the tokens and the merges.</summary>
    /// <exception cref="CheckpointException">They are missing or damaged.</exception>
    public BpeVocabulary ReadVocabulary()
    {
        ReadOnlySpan<byte> tokens = _bytes.AsSpan(_vocabulary), merges = _bytes.AsSpan(_merges);
        if (tokens.IsEmpty || merges.IsEmpty)
        {
            throw new CheckpointException(
                File, $"has no 'model.{(tokens.IsEmpty ? "vocab" : "merges")}'. Download it again.");
        }

        BpeVocabulary vocabulary = new(File);
        Utf8JsonReader reader = new(tokens);
        vocabulary.ReadTokens(ref reader);
        reader = new Utf8JsonReader(merges);
        ReadMerges(vocabulary, ref reader);
        return vocabulary;
    }

    /// <summary>Finds where <c>model.vocab</c> and <c>model.merges</c> stand, and checks the file's JSON.</summary>
    private static (Range Vocabulary, Range Merges) FindTables(string file, ref Utf8JsonReader reader)
    {
        bool hasModel = false;
        Range vocabulary = default, merges = default;
        Enter(ref reader, "the file");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (BpeVocabulary.TextOf(file, ref reader) != "model")
            {
                reader.Skip();
                continue;
            }

            hasModel = !hasModel ? true : throw Twice("model");
            Enter(ref reader, "'model'");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string key = BpeVocabulary.TextOf(file, ref reader);
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                Range value = start..(int)reader.BytesConsumed;
                if (key == "vocab")
                {
                    vocabulary = vocabulary.Equals(default) ? value : throw Twice("model.vocab");
                }
                else if (key == "merges")
                {
                    merges = merges.Equals(default) ? value : throw Twice("model.merges");
                }
            }
        }

        // Only white space may follow; anything else makes this call throw.
        reader.Read();
        return (vocabulary, merges);

        void Enter(ref Utf8JsonReader reader, string what)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new CheckpointException(file, $"has {reader.TokenType} as {what}, expected an object.");
            }
        }

        CheckpointException Twice(string key) => new(file, $"has '{key}' twice.");
    }

    /// <summary>The JSON with <c>null</c> for the two tables.</summary>
    private static ReadOnlyMemory<byte> WithoutTables(ReadOnlySpan<byte> bytes, Range vocabulary, Range merges)
    {
        (Range first, Range second) = vocabulary.Start.Value <= merges.Start.Value
            ? (vocabulary, merges)
            : (merges, vocabulary);
        ArrayBufferWriter<byte> rest = new();
        int start = 0;
        foreach (Range table in new[] { first, second }.Where(table => !table.Equals(default)))
        {
            rest.Write(bytes[start..table.Start.Value]);
            rest.Write("null"u8);
            start = table.End.Value;
        }

        rest.Write(bytes[start..]);
        return rest.WrittenMemory;
    }

    /// <summary>Reads an array of merges, each written <c>"a b"</c> or, in newer files, <c>["a", "b"]</c>.</summary>
    private static void ReadMerges(BpeVocabulary vocabulary, ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Wrong(vocabulary, $"has 'model.merges' that start with {reader.TokenType}, expected an array.");
        }

        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                ReadOnlySpan<char> merge = BpeVocabulary.TextOf(vocabulary.File, ref reader);
                int space = merge.IndexOf(' ');
                if (space < 0 || merge[(space + 1)..].Contains(' '))
                {
                    throw Wrong(vocabulary, $"has merge {i} that is not two tokens with a space between.");
                }

                vocabulary.AddMerge(vocabulary.File, merge[..space], merge[(space + 1)..]);
            }
            else if (reader.TokenType == JsonTokenType.StartArray)
            {
                string left = ReadPart(vocabulary, ref reader, i), right = ReadPart(vocabulary, ref reader, i);
                vocabulary.AddMerge(vocabulary.File, left, right);
                if (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    throw Wrong(vocabulary, $"has merge {i} of more than two tokens.");
                }
            }
            else
            {
                throw Wrong(vocabulary, $"has {reader.TokenType} as merge {i}, expected two tokens.");
            }
        }
    }

    private static string ReadPart(BpeVocabulary vocabulary, ref Utf8JsonReader reader, int index) =>
        reader.Read() && reader.TokenType == JsonTokenType.String
            ? BpeVocabulary.TextOf(vocabulary.File, ref reader)
            : throw Wrong(vocabulary, $"has {reader.TokenType} in merge {index}, expected two tokens.");

    private static CheckpointException Wrong(BpeVocabulary vocabulary, FormattableString problem) =>
        new(vocabulary.File, problem.ToString(CultureInfo.InvariantCulture));
}
