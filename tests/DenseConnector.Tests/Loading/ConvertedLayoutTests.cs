using System.Text.Json.Nodes;
using DenseConnector.Configuration;
using DenseConnector.Decoders;
using DenseConnector.Imaging;
using DenseConnector.Loading;
using DenseConnector.Multimodal;
using DenseConnector.Tests.Reference;
using DenseConnector.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Loading;

/// <summary>
/// A checkpoint of the official layout against the same weights as transformers' own LLaVA class saves them ("llava-hf"
/// and newer): made here by renaming, as no such fixture exists.
/// </summary>
public sealed class ConvertedLayoutTests : TensorTest
{
    private const string Reference = "reference";

    /// <summary>The renaming of transformers' conversion script, the official name first.</summary>
    private static readonly (string Official, string Released, string Newer)[] Prefixes =
    [
        ("vision_model.", "vision_tower.vision_model.", "model.vision_tower.vision_model."),
        ("model.mm_projector.0.", "multi_modal_projector.linear_1.", "model.multi_modal_projector.linear_1."),
        ("model.mm_projector.2.", "multi_modal_projector.linear_2.", "model.multi_modal_projector.linear_2."),
        ("lm_head.", "language_model.lm_head.", "lm_head."),
        ("model.", "language_model.model.", "model.language_model."),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Build_ConvertedCheckpoint_GivesTheSameNumbers(bool newer)
    {
        ReferenceFixture fixture = new(Path.Combine(TestData.Fixtures, Reference), "clip_vicuna_none");
        using TemporaryFolder folder = Convert(fixture, newer);
        ModelPlan official = ModelPlan.Read(
            ModelFolder.Find(fixture.Checkpoint), new ModelOptions { VisionTower = fixture.Tower });
        ModelPlan converted = ModelPlan.Read(ModelFolder.Find(folder.Path), new ModelOptions());
        VisualGeometry geometry = converted.Geometry(tokensPerTile: 576);
        PixelValues pixels = fixture.Slots(fixture.Cases.First(), geometry)[0].Pixels;

        Assert.Equal(ImageLayout.Plain, converted.Config.ImageLayout);
        Assert.Equal("llava", converted.Config.Decoder.ModelType);
        Assert.Equal([2], converted.Config.EndIds);
        Assert.Equal(Run(official, pixels), Run(converted, pixels));
    }

    [Theory]
    [InlineData("model_type", "\"llava_next\"", "'model_type' is 'llava_next' with a 'text_config'")]
    [InlineData("projector_hidden_act", "\"relu\"", "'projector_hidden_act' is 'relu', supported are 'gelu'")]
    [InlineData("vision_feature_select_strategy", "\"full\"", "'vision_feature_select_strategy' is 'full'")]
    [InlineData("vision_feature_layer", "[-2,-5]", "'vision_feature_layer' is [-2,-5], expected an integer")]
    [InlineData("multimodal_projector_bias", "false", "'multimodal_projector_bias' is false")]
    [InlineData("text_config", """{"model_type":"mistral"}""", "'text_config.model_type' is 'mistral'")]
    [InlineData("vision_config", """{"model_type":"siglip_vision_model"}""", "'vision_config.model_type' is 'siglip")]
    public void Read_ConvertedConfigOfOtherKind_Throws(string key, string value, string problem)
    {
        using TemporaryFolder folder = new();
        JsonObject config =
            JsonNode.Parse("""{"model_type":"llava","text_config":{},"vision_config":{}}""")!.AsObject();
        config[key] = JsonNode.Parse(value);
        folder.Write("config.json", System.Text.Encoding.UTF8.GetBytes(config.ToJsonString()));

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => ModelPlan.Read(ModelFolder.Find(folder.Path), new ModelOptions()));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ConvertedConfigWithoutSizes_TakesThoseOfTheClass()
    {
        using TemporaryFolder folder = new();
        folder.Write(
            "config.json",
            """
            {"model_type":"llava","vision_config":{"model_type":"clip_vision_model"},
             "text_config":{"rope_parameters":{"rope_type":"default","rope_theta":5000.0}}}
            """u8);

        DecoderConfig decoder = ConfigReader.ReadModel(folder.Path).Decoder;

        Assert.Equal(
            (32000, 4096, 11008, 32, 32, 32, 128, 1e-6, 5000, 2048),
            (decoder.VocabularySize, decoder.HiddenSize, decoder.IntermediateSize, decoder.Layers, decoder.Heads,
                decoder.KeyValueHeads, decoder.HeadSize, decoder.NormEpsilon, decoder.RopeTheta, decoder.MaxPositions));
    }

    private static float[] Run(ModelPlan plan, PixelValues pixels)
    {
        using DisposeScope scope = NewDisposeScope();
        using ModelBuilder builder = new(plan, VisionWeights.Auto);
        using ModelParts parts = builder.Build(ScalarType.Float32, CPU, null, CancellationToken.None);
        Tensor visual = parts.Visuals.call(tensor(pixels.Values, [1, 3, pixels.Height, pixels.Width]));
        using KeyValueCache cache = new(parts.Decoder.Config, 640, ScalarType.Float32, CPU);
        Tensor embedded = PromptEmbedder.Embed(
            parts.Decoder, [1, 170, PromptEncoder.ImageSlot, 33, 214], visual.unbind());
        DecoderBatch batch = new(cache, (int)embedded.shape[0]);
        return parts.Decoder.Score(parts.Decoder.call(embedded, batch)).data<float>().ToArray();
    }

    private static TemporaryFolder Convert(ReferenceFixture fixture, bool newer)
    {
        TemporaryFolder folder = new();
        IEnumerable<(string Name, string Type, IReadOnlyList<long> Shape, byte[] Data)> tensors =
            new[] { fixture.Checkpoint, fixture.Tower }.SelectMany(ReadAll)
                .Where(item => item.Name.StartsWith("model.", StringComparison.Ordinal) ||
                    item.Name.StartsWith("lm_head.", StringComparison.Ordinal) ||
                    item.Name.StartsWith("vision_model.", StringComparison.Ordinal))
                .Select(item => item with { Name = Rename(item.Name, newer) });
        folder.Write("model.safetensors", SafetensorsBytes.OfTensors(tensors));
        folder.Write(
            "preprocessor_config.json", File.ReadAllBytes(Path.Combine(fixture.Tower, "preprocessor_config.json")));
        JsonObject text = ReadJson(fixture.Checkpoint);
        foreach (string key in text.Select(item => item.Key)
            .Where(key => key.StartsWith("mm_", StringComparison.Ordinal) || key is "eos_token_id").ToList())
        {
            text.Remove(key);
        }

        text["model_type"] = "llama";
        JsonObject tower = ReadJson(fixture.Tower);
        JsonObject vision = (tower["vision_config"] ?? tower).DeepClone().AsObject();
        vision["model_type"] = "clip_vision_model";
        JsonObject config = new()
        {
            ["model_type"] = "llava",
            ["image_token_index"] = 32000,
            ["projector_hidden_act"] = "gelu",
            ["vision_feature_layer"] = -2,
            ["vision_feature_select_strategy"] = "default",
            ["text_config"] = text,
            ["vision_config"] = vision,
        };
        folder.Write("config.json", System.Text.Encoding.UTF8.GetBytes(config.ToJsonString()));
        return folder;
    }

    private static string Rename(string name, bool newer)
    {
        (string official, string released, string latest) =
            Prefixes.First(prefix => name.StartsWith(prefix.Official, StringComparison.Ordinal));
        return (newer ? latest : released) + name[official.Length..];
    }

    private static JsonObject ReadJson(string folder) =>
        JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")))!.AsObject();

    private static IEnumerable<(string Name, string Type, IReadOnlyList<long> Shape, byte[] Data)> ReadAll(
        string folder)
    {
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        foreach (TensorEntry entry in file.Tensors.Values)
        {
            byte[] data = new byte[entry.ByteLength];
            file.Read(entry, data.AsSpan());
            yield return (entry.Name, entry.Type.ToString(), entry.Shape, data);
        }
    }
}
