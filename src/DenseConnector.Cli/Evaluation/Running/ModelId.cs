namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>What answer lines and tables call a model (<c>get_model_name_from_path</c>).</summary>
internal static class ModelId
{
    private const string Checkpoint = "checkpoint-";

    /// <summary>The last part of a path or repository; for a checkpoint of a training run the last two.</summary>
    public static string Of(string model)
    {
        string[] parts = model.Replace('\\', '/').Trim('/').Split('/');
        return parts is [.., string run, string last] && last.StartsWith(Checkpoint, StringComparison.Ordinal)
            ? $"{run}_{last}"
            : parts[^1];
    }
}
