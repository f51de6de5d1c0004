using System.Buffers;
using System.Globalization;
using System.Text.Json;
using DenseConnector.Configuration;

namespace DenseConnector.Text;

/// <summary>Reads <c>tokenizer.json</c>, the file of Hugging Face tokenizers, where it is byte-level.</summary>
/// <remarks>
/// The vocabulary and the merges, nearly all of the file, are read in place; only the rest becomes a JSON document.
/// What would change the ids and is not supported is refused, so that no text is ever split differently from the
/// reference.
/// </remarks>
internal static class TokenizerJson
{
    /// <summary>The file's name.</summary>
    public const string FileName = "tokenizer.json";

    private const string Kind = "a tokenizer.json";

    /// <summary>Reads a file.</summary>
    /// <exception cref="CheckpointException">The file cannot be read or is damaged.</exception>
    /// <exception cref="ModelConfigException">It asks for what is not supported.</exception>
    public static ByteLevelModel Load(string path) => Parse(path, BoundedFile.Read(path, Kind));

    /// <summary>Reads a file's content.</summary>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="bytes">Its content.</param>
    /// <exception cref="CheckpointException">The content is damaged.</exception>
    /// <exception cref="ModelConfigException">It asks for what is not supported.</exception>
    public static ByteLevelModel Parse(string file, byte[] bytes)
    {
        ByteLevelVocabulary.CheckUtf8(file, bytes);
        try
        {
            Utf8JsonReader reader = new(bytes);
            (Range vocabulary, Range merges) = FindTables(file, ref reader);
            ConfigJson settings = ConfigJson.Parse(file, WithoutTables(bytes, vocabulary, merges));
            CheckSupported(settings);
            PreTokenizerSettings splitting = PreTokenizerSettings.Read(settings);
            PostProcessorSettings frame = PostProcessorSettings.Read(settings);
            return new ByteLevelModel(
                ReadVocabulary(file, bytes.AsSpan(vocabulary), bytes.AsSpan(merges)), splitting.Scanner)
            {
                AddsPrefixSpace = splitting.AddsPrefixSpace,
                IgnoresMerges = settings.Object("model")!.Bool("ignore_merges", false),
                Before = frame.Before,
                After = frame.After,
                AddedTokens = AddedTokenReader.ReadList(settings, "added_tokens"),
            };
        }
        catch (JsonException e)
        {
            throw new CheckpointException(file, $"is not valid JSON ({e.Message}). Download it again.", e);
        }
    }

    /// <summary>Finds where <c>model.vocab</c> and <c>model.merges</c> stand, and checks the file's JSON.</summary>
    private static (Range Vocabulary, Range Merges) FindTables(string file, ref Utf8JsonReader reader)
    {
        bool hasModel = false;
        Range vocabulary = default, merges = default;
        Enter(ref reader, "the file");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (ByteLevelVocabulary.TextOf(file, ref reader) != "model")
            {
                reader.Skip();
                continue;
            }

            hasModel = !hasModel ? true : throw Twice("model");
            Enter(ref reader, "'model'");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string key = ByteLevelVocabulary.TextOf(file, ref reader);
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

    private static void CheckSupported(ConfigJson settings)
    {
        ConfigJson model = settings.Object("model") ??
            throw settings.Unsupported("model", "missing", "models of the type 'BPE'");

        // The first releases wrote no type.
        string type = model.String("type") ?? "BPE";
        if (type != "BPE")
        {
            throw model.Unsupported("type", $"'{type}'", "'BPE'");
        }

        if (model.Bool("byte_fallback", false))
        {
            throw model.Unsupported(
                "byte_fallback", "true", "byte-level vocabularies. Put the checkpoint's tokenizer.model beside it");
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

        if (settings.Object("normalizer") is { } normalizer)
        {
            throw settings.Unsupported("normalizer", $"a '{normalizer.String("type")}'", "null");
        }

        if (settings.Object("decoder")?.String("type") is var decoder && decoder != "ByteLevel")
        {
            throw settings.Unsupported("decoder", decoder is null ? "missing" : $"a '{decoder}'", "a 'ByteLevel'");
        }
    }

    private static ByteLevelVocabulary ReadVocabulary(
        string file, ReadOnlySpan<byte> vocabularyJson, ReadOnlySpan<byte> mergesJson)
    {
        if (vocabularyJson.IsEmpty || mergesJson.IsEmpty)
        {
            throw new CheckpointException(
                file, $"has no 'model.{(vocabularyJson.IsEmpty ? "vocab" : "merges")}'. Download it again.");
        }

        ByteLevelVocabulary vocabulary = new(file);
        Utf8JsonReader reader = new(vocabularyJson);
        vocabulary.ReadTokens(ref reader);
        reader = new Utf8JsonReader(mergesJson);
        ReadMerges(vocabulary, ref reader);
        return vocabulary.Complete();
    }

    /// <summary>Reads an array of merges, each written <c>"a b"</c> or, in newer files, <c>["a", "b"]</c>.</summary>
    private static void ReadMerges(ByteLevelVocabulary vocabulary, ref Utf8JsonReader reader)
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
                ReadOnlySpan<char> merge = ByteLevelVocabulary.TextOf(vocabulary.File, ref reader);
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

    private static string ReadPart(ByteLevelVocabulary vocabulary, ref Utf8JsonReader reader, int index) =>
        reader.Read() && reader.TokenType == JsonTokenType.String
            ? ByteLevelVocabulary.TextOf(vocabulary.File, ref reader)
            : throw Wrong(vocabulary, $"has {reader.TokenType} in merge {index}, expected two tokens.");

    private static CheckpointException Wrong(ByteLevelVocabulary vocabulary, FormattableString problem) =>
        new(vocabulary.File, problem.ToString(CultureInfo.InvariantCulture));
}
