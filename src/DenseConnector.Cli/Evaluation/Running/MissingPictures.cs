namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>Looks for the pictures of all questions before a model is loaded.</summary>
internal static class MissingPictures
{
    /// <summary>Tells which pictures are missing; their questions will fail.</summary>
    /// <exception cref="IOException">Not one is there.</exception>
    public static void Report(IReadOnlyList<EvaluationItem> items, TextWriter error)
    {
        string[] files = [.. items.Select(item => item.Visual).OfType<PictureFile>().Select(file => file.Path)];
        string[] missing = [.. files.Where(file => !File.Exists(file))];
        if (missing.Length == 0)
        {
            return;
        }

        string which =
            $"{missing.Length} of {files.Length} questions' pictures are missing, the first is '{missing[0]}'";
        if (missing.Length == files.Length)
        {
            throw new IOException(which + ". Put the pictures there, or name their folder with --images.");
        }

        error.WriteLine(which + ". These questions will be counted as failed.");
    }
}
