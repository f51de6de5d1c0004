using System.Globalization;
using DenseConnector.Cli.Memory;
using DenseConnector.Configuration;
using DenseConnector.Loading;
using TorchSharp;

namespace DenseConnector.Cli;

/// <summary>What <c>inspect</c> shows of a model.</summary>
/// <param name="Name">The model as it was named.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Architecture">The <c>model_type</c> of its configuration.</param>
/// <param name="Vision">The vision tower.</param>
/// <param name="Connector">The connector and projector.</param>
/// <param name="Decoder">The language model.</param>
/// <param name="PromptTemplate">The prompt template.</param>
/// <param name="PromptTemplateSource">Where the template was decided.</param>
/// <param name="MaxTokens">The most tokens prompt and answer may have together.</param>
/// <param name="Quantization">The format the language model's matrices are stored in.</param>
/// <param name="Weights">The weight files' contents by number format.</param>
/// <param name="Parameters">Number of weights in use, unused layers of the vision tower not counted.</param>
/// <param name="Bytes">Bytes of weights in all files read.</param>
/// <param name="Memory">The memory that running it takes.</param>
internal sealed record Inspection(
    string Name,
    string Folder,
    string Architecture,
    Inspection.VisionPart Vision,
    Inspection.ConnectorPart Connector,
    Inspection.DecoderPart Decoder,
    string PromptTemplate,
    string PromptTemplateSource,
    int MaxTokens,
    Quantization Quantization,
    IReadOnlyList<Inspection.WeightPart> Weights,
    long Parameters,
    long Bytes,
    MemoryStatement Memory)
{
    /// <summary>
    /// Reads configurations, tokenizer and weight headers, and checks that every weight is there in its shape.
    /// </summary>
    /// <param name="model">The model, and how it would be loaded.</param>
    /// <param name="tokens">Tokens of a request whose memory is stated; <c>null</c> for a long one.</param>
    /// <exception cref="ArgumentException">A CPU does not load the model as the options say.</exception>
    /// <exception cref="DenseConnectorException">
    /// A file is missing, malformed, or asks for what is not supported.
    /// </exception>
    public static Inspection Read(ResolvedModel model, int? tokens)
    {
        ModelOptions options = model.Options;
        ModelPlan plan = ModelPlan.Read(model.Folder, options);
        TextPlan text = TextPlan.Read(plan.Folder, plan.Config, options);
        NativeLibraries.EnsureLoaded();
        using ModelBuilder builder = new(plan, options.VisionWeights, plan.Mapping(options));
        torch.ScalarType type =
            builder.Resolve(options.Precision, torch.CPU, plan.KeptIn(options.Quantization));
        using ModelParts parts = builder.Check(type, CancellationToken.None);
        IReadOnlyList<TensorEntry> tensors = [.. builder.Tensors];
        DecoderConfig decoder = plan.Config.Decoder;
        return new Inspection(
            model.Folder.Name,
            Path.GetFullPath(plan.Folder.Path),
            decoder.ModelType,
            new VisionPart(
                plan.Vision.ModelType,
                plan.Vision.ImageSize,
                plan.Vision.PatchSize,
                plan.Vision.Layers,
                parts.Visuals.Encoder.LayersRun,
                plan.Vision.HiddenSize,
                plan.Vision.Heads,
                builder.HasSeparateTower ? Path.GetFullPath(plan.TowerFolder) : "inside the checkpoint",
                plan.Auxiliary?.Config.ImageSize),
            new ConnectorPart(
                plan.Config.Connector.Kind,
                parts.Visuals.Layout.Geometry.TokensPerTile,
                parts.Visuals.Connector.OutputWidth(plan.Vision.HiddenSize),
                plan.Config.Connector.Projector),
            new DecoderPart(
                decoder.Layers,
                decoder.HiddenSize,
                decoder.IntermediateSize,
                decoder.Heads,
                decoder.KeyValueHeads,
                decoder.VocabularySize,
                decoder.RopeTheta),
            text.Template.Name,
            text.TemplateSource,
            decoder.MaxPositions,
            plan.Config.Quantization,
            [.. tensors.GroupBy(tensor => tensor.Type).Select(group => new WeightPart(
                group.Key.ToString(), group.Count(), group.Sum(tensor => tensor.ByteLength)))],
            parts.CountWeights(),
            tensors.Sum(tensor => tensor.ByteLength),
            MemoryStatement.Of(
                plan, WeightCount.Of(parts), type, options, tokens ?? MemoryStatement.DefaultTokens(plan)) with
            {
                MappedBytes = builder.BytesMappable,
            });
    }

    /// <summary>Prints the inspection for people.</summary>
    public void Print(TextWriter output)
    {
        Line("model", Name);
        Line("folder", Folder);
        Line("architecture", Architecture);
        Line("vision", $"{Vision.Type}, {Vision.ImageSize}x{Vision.ImageSize} pixels, patches of {Vision.PatchSize}, " +
            $"{Vision.LayersRun} of {Vision.Layers} layers run, width {Vision.Width}, {Vision.Heads} heads");
        if (Vision.DetailImageSize is int side)
        {
            Line("vision detail", $"convnext, {side}x{side} pixels, joined by patch info mining");
        }

        Line("vision weights", Vision.Weights);
        Line("connector",
            $"{Connector.Kind}: {Connector.TokensPerPicture} visual tokens of {Connector.Width} channels");
        Line("projector", $"{Connector.Projector}: {Connector.Width} to {Decoder.Width}");
        Line("decoder", $"{Decoder.Layers} layers, width {Decoder.Width}, feed-forward {Decoder.FeedForward}, " +
            $"{Decoder.Heads} heads ({Decoder.KeyValueHeads} key/value), vocabulary {Number(Decoder.Vocabulary)}, " +
            $"rope theta {Number(Decoder.RopeTheta)}");
        Line("prompt template", $"{PromptTemplate} ({PromptTemplateSource})");
        Line("longest", $"{Number(MaxTokens)} tokens, prompt and answer");
        if (Quantization != Quantization.None)
        {
            Line("quantization", $"{Quantization.ToString().ToLowerInvariant()}, as stored");
        }

        Line("weights", string.Join(", ", Weights.Select(
            part => $"{part.Type}: {Number(part.Tensors)} tensors, {ByteSize.Of(part.Bytes)}")));
        Line("size", $"{Number(Parameters)} weights in use, {ByteSize.Of(Bytes)} in files");
        foreach ((string label, string text) in Memory.Describe())
        {
            Line(label, text);
        }

        void Line(string label, string value) => output.WriteLine($"{label,-16} {value}");
    }

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>The vision tower.</summary>
    /// <param name="Type">Its <c>model_type</c>.</param>
    /// <param name="ImageSize">Side of its input in pixels.</param>
    /// <param name="PatchSize">Side of a patch in pixels.</param>
    /// <param name="Layers">Layers in the file.</param>
    /// <param name="LayersRun">Layers the connector needs.</param>
    /// <param name="Width">Width of its features.</param>
    /// <param name="Heads">Attention heads.</param>
    /// <param name="Weights">Where its weights lie.</param>
    /// <param name="DetailImageSize">
    /// Side of the input of Mini-Gemini's high-resolution tower in pixels, or <c>null</c> if the model has none.
    /// </param>
    internal sealed record VisionPart(
        string Type,
        int ImageSize,
        int PatchSize,
        int Layers,
        int LayersRun,
        int Width,
        int Heads,
        string Weights,
        int? DetailImageSize);

    /// <summary>The connector and the projector.</summary>
    /// <param name="Kind">The connector's configuration name.</param>
    /// <param name="TokensPerPicture">Visual tokens of one picture.</param>
    /// <param name="Width">Channels of a visual token before the projector.</param>
    /// <param name="Projector">The projector's configuration name.</param>
    internal sealed record ConnectorPart(string Kind, int TokensPerPicture, long Width, string Projector);

    /// <summary>The language model.</summary>
    /// <param name="Layers">Its layers.</param>
    /// <param name="Width">Width of the residual stream.</param>
    /// <param name="FeedForward">Width inside the feed-forward block.</param>
    /// <param name="Heads">Query heads.</param>
    /// <param name="KeyValueHeads">Key and value heads.</param>
    /// <param name="Vocabulary">Rows of the token embedding.</param>
    /// <param name="RopeTheta">Base of the rotary frequencies.</param>
    internal sealed record DecoderPart(
        int Layers, int Width, int FeedForward, int Heads, int KeyValueHeads, int Vocabulary, double RopeTheta);

    /// <summary>The tensors of one number format.</summary>
    /// <param name="Type">The format.</param>
    /// <param name="Tensors">How many tensors.</param>
    /// <param name="Bytes">Their bytes.</param>
    internal sealed record WeightPart(string Type, int Tensors, long Bytes);
}
