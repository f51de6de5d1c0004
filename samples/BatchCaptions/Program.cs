using DenseConnector;

// Captions all pictures of a folder; up to MaxConcurrency of them share each reading of the weights.
string folder = args.Length > 0 ? args[0] : "samples/images";
string[] files = [.. Directory.GetFiles(folder, "*.png").Order(StringComparer.Ordinal)];

ModelOptions options = new() { MaxConcurrency = 4 };
await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync("dense-connector-tiny", options);

// A chunk at a time, so that a large folder is never in memory as a whole.
foreach (string[] chunk in files.Chunk(options.MaxConcurrency))
{
    List<Prompt> prompts = [];
    foreach (string file in chunk)
    {
        prompts.Add(new Prompt("Describe what you see.", await ImageInput.LoadAsync(file)));
    }

    IReadOnlyList<GenerationResult> answers = await model.GenerateBatchAsync(prompts);
    foreach ((string file, GenerationResult answer) in chunk.Zip(answers))
    {
        Console.WriteLine($"{Path.GetFileName(file)}: {answer}");
    }
}
