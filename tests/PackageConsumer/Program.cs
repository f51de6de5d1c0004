using DenseConnector;

// Arguments: model folder, picture, question.
await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync(args[0]);
ImageInput image = await ImageInput.LoadAsync(args[1]);

await foreach (GenerationUpdate piece in model.StreamAsync(new Prompt(args[2], image)))
{
    Console.Write(piece.Text);
}
