using System.Globalization;

namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>The answer files of an output folder: one of all questions, or one for each chunk.</summary>
internal static class ChunkFiles
{
    /// <summary>The name of the file of all answers.</summary>
    public const string Whole = "answers.jsonl";

    /// <summary>The name of the file of a chunk, as the official scripts have it.</summary>
    public static string NameOf(int chunks, int index) =>
        chunks == 1 ? Whole : string.Create(CultureInfo.InvariantCulture, $"{chunks}_{index}.jsonl");

    /// <summary>Puts the answers of all chunks into one file, in the order of the questions.</summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="questions">How many entries the question file has.</param>
    /// <param name="chunks">Among how many runs they were split.</param>
    /// <exception cref="IOException">The file of a chunk is missing.</exception>
    public static void Merge(string folder, int questions, int chunks)
    {
        int size = Chunking.Find(questions, chunks, 0).End.Value;
        string[] files = [.. Enumerable.Range(0, (questions + size - 1) / size)
            .Select(index => Path.Combine(folder, NameOf(chunks, index)))];
        if (files.FirstOrDefault(file => !File.Exists(file)) is string missing)
        {
            throw new IOException($"'{missing}' is missing: run this chunk first.");
        }

        string whole = Path.Combine(folder, Whole);
        using (FileStream stream = File.Create(whole + ".new"))
        {
            foreach (string file in files)
            {
                using FileStream chunk = File.OpenRead(file);
                chunk.CopyTo(stream);
            }
        }

        File.Move(whole + ".new", whole, overwrite: true);
    }
}
