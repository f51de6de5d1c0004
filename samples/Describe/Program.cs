using DenseConnector;

await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync("dense-connector-tiny");
ImageInput image = await ImageInput.LoadAsync(args.Length > 0 ? args[0] : "samples/images/shapes.png");

await foreach (GenerationUpdate piece in model.StreamAsync(new Prompt("Describe what you see.", image)))
{
    Console.Write(piece);
}

Console.WriteLine();
