using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DenseConnector.Text;

/// <summary>
/// Reads <c>vocab.json</c> and <c>merges.txt</c>, the older form of GPT-2, CodeGen and Qwen2 tokenizers.
/// </summary>
internal static class Gpt2Files
{
    /// <summary>The file of ids by token.</summary>
    public const string VocabularyName = "vocab.json";

    /// <summary>The file with one merge a line, the first to be applied first.</summary>
    public const string MergesName = "merges.txt";

    /// <summary>Reads the files of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isQwen2">
    /// Whether the class that reads them is Qwen2's, which normalises, and splits in its own way.
    /// </param>
    /// <exception cref="CheckpointException">A file cannot be read or is damaged.</exception>
    public static ByteLevelModel Load(string folder, bool isQwen2 = false)
    {
        string vocabularyPath = Path.Combine(folder, VocabularyName), mergesPath = Path.Combine(folder, MergesName);
        byte[] tokens = BoundedFile.Read(vocabularyPath, "a vocab.json");
        byte[] merges = BoundedFile.Read(mergesPath, "a merges.txt");
        BpeVocabulary.CheckUtf8(vocabularyPath, tokens);
        BpeVocabulary.CheckUtf8(mergesPath, merges);
        BpeVocabulary vocabulary = new(vocabularyPath);
        try
        {
            Utf8JsonReader reader = new(tokens);
            vocabulary.ReadTokens(ref reader);
            reader.Read();
        }
        catch (JsonException e)
        {
            throw new CheckpointException(vocabularyPath, $"is not valid JSON ({e.Message}). Download it again.", e);
        }

        ReadMerges(vocabulary, mergesPath, Encoding.UTF8.GetString(merges));
        vocabulary.Complete();
        return isQwen2
            ? new ByteLevelModel(vocabulary, Qwen2Scanner.EndOfPiece) { Normalizes = true }
            : new ByteLevelModel(vocabulary, Gpt2Scanner.EndOfPiece);
    }

    private static void ReadMerges(BpeVocabulary vocabulary, string file, ReadOnlySpan<char> text)
    {
        int number = 0;
        foreach (Range ended in text.Split('\n'))
        {
            number++;
            ReadOnlySpan<char> line = text[ended].TrimEnd('\r');

            // The first line names the version; a later one that starts alike is the merge of '#' with another token.
            if (line.IsEmpty || (number == 1 && line.StartsWith("#version")))
            {
                continue;
            }

            int space = line.IndexOf(' ');
            if (space < 0 || line[(space + 1)..].Contains(' '))
            {
                throw new CheckpointException(file, string.Create(
                    CultureInfo.InvariantCulture,
                    $"has line {number} that is not two tokens with a space between. Download it again."));
            }

            vocabulary.AddMerge(file, line[..space], line[(space + 1)..]);
        }
    }
}
