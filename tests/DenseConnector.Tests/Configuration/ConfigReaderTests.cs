using System.Text.Json.Nodes;
using CsCheck;
using DenseConnector.Configuration;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Tests.Configuration;

public sealed class ConfigReaderTests : IDisposable
{
    private const string Smallest = """
        {
          "model_type": "llava_llama", "vocab_size": 32000, "hidden_size": 64, "intermediate_size": 96,
          "num_hidden_layers": 2, "num_attention_heads": 4, "mm_vision_tower": "tower"
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadModel_OnlyRequiredKeys_TakesTheDefaultsOfTransformersAndLlava()
    {
        ModelConfig config = Read(Smallest);

        Assert.Equal(
            new DecoderConfig
            {
                ModelType = "llava_llama",
                VocabularySize = 32000,
                HiddenSize = 64,
                IntermediateSize = 96,
                Layers = 2,
                Heads = 4,
                KeyValueHeads = 4,
                HeadSize = 16,
                NormEpsilon = 1e-6,
                RopeTheta = 10000,
                MaxPositions = 2048,
                QueryKeyValueBias = false,
                OutputBias = false,
                TieWordEmbeddings = false,
                Json = config.Decoder.Json,
            },
            config.Decoder);
        Assert.Equal(
            new ConnectorConfig
            {
                Kind = "none",
                Projector = "linear",
                VisionTower = "tower",
                SelectLayer = -2,
                ProjectorInput = null,
            },
            config.Connector);
        Assert.Equal(ImageLayout.Plain, config.ImageLayout);
        Assert.False(config.ImageStartEnd);
        Assert.Null(config.MaxPromptTokens);
        Assert.Null(config.PromptTemplate);
        Assert.Empty(config.EndIds);
    }

    [Fact]
    public void ReadModel_EveryKeyNull_IsAsIfAbsent()
    {
        JsonObject json = JsonNode.Parse(Smallest)!.AsObject();
        string[] optional =
        [
            "num_key_value_heads", "head_dim", "rms_norm_eps", "rope_theta", "rope_scaling", "max_position_embeddings",
            "attention_bias", "tie_word_embeddings", "mm_dense_connector_type", "mm_projector_type",
            "mm_vision_select_layer", "mm_vision_select_feature", "mm_hidden_size", "image_aspect_ratio",
            "mm_use_im_start_end", "tokenizer_model_max_length", "prompt_template", "eos_token_id",
            "quantization_config",
        ];
        foreach (string key in optional)
        {
            json[key] = null;
        }

        ModelConfig absent = Read(Smallest);
        ModelConfig nulls = Read(json.ToJsonString());

        Assert.Equal(absent.Decoder, nulls.Decoder with { Json = absent.Decoder.Json });
        Assert.Equal(absent.Connector, nulls.Connector);
        Assert.Equal(
            absent with { Decoder = nulls.Decoder, EndIds = nulls.EndIds, GridPinpoints = nulls.GridPinpoints }, nulls);
        Assert.Empty(nulls.EndIds);
        Assert.Empty(nulls.GridPinpoints);
    }

    [Fact]
    public void ReadModel_EveryKeySet_TakesThem()
    {
        ModelConfig config = Read("""
            {
              "model_type": "llama", "vocab_size": 10, "hidden_size": 64, "intermediate_size": 96,
              "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32,
              "rms_norm_eps": 1e-5, "rope_theta": 500000, "max_position_embeddings": 77, "attention_bias": true,
              "tie_word_embeddings": true,
              "mm_vision_tower": "t", "mm_dense_connector_type": "dci", "mm_projector_type": "mlp2x_gelu",
              "mm_vision_select_layer": 5, "mm_vision_select_feature": "patch", "mm_hidden_size": 192,
              "image_aspect_ratio": "pad", "mm_use_im_start_end": true, "tokenizer_model_max_length": 55,
              "prompt_template": "v1", "unknown_key": [1]
            }
            """);

        Assert.Equal(2, config.Decoder.KeyValueHeads);
        Assert.Equal(32, config.Decoder.HeadSize);
        Assert.Equal(1e-5, config.Decoder.NormEpsilon);
        Assert.Equal(500000, config.Decoder.RopeTheta);
        Assert.Equal(77, config.Decoder.MaxPositions);
        Assert.True(config.Decoder.QueryKeyValueBias);
        Assert.True(config.Decoder.OutputBias);
        Assert.True(config.Decoder.TieWordEmbeddings);
        Assert.Equal("dci", config.Connector.Kind);
        Assert.Equal("mlp2x_gelu", config.Connector.Projector);
        Assert.Equal(5, config.Connector.SelectLayer);
        Assert.Equal(192, config.Connector.ProjectorInput);
        Assert.Equal(ImageLayout.Pad, config.ImageLayout);
        Assert.True(config.ImageStartEnd);
        Assert.Equal(55, config.MaxPromptTokens);
        Assert.Equal("v1", config.PromptTemplate);
    }

    [Theory]
    [InlineData("model_type")]
    [InlineData("vocab_size")]
    [InlineData("hidden_size")]
    [InlineData("intermediate_size")]
    [InlineData("num_hidden_layers")]
    [InlineData("num_attention_heads")]
    [InlineData("mm_vision_tower")]
    public void ReadModel_RequiredKeyMissing_NamesFileAndKey(string key)
    {
        JsonObject json = JsonNode.Parse(Smallest)!.AsObject();
        json.Remove(key);

        ModelConfigException error = Assert.Throws<ModelConfigException>(() => Read(json.ToJsonString()));

        Assert.Equal(key, error.Path);
        Assert.StartsWith(
            $"{Path.Combine(_folder.Path, "config.json")}: '{key}' is missing",
            error.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model_type", "3", "'model_type' is 3, expected a string.")]
    [InlineData("vocab_size", "0", "'vocab_size' is 0, expected a number greater than 0.")]
    [InlineData("hidden_size", "\"64\"", "'hidden_size' is \"64\", expected an integer.")]
    [InlineData("hidden_size", "66", "'hidden_size' is 66, supported are multiples of 'num_attention_heads' (4).")]
    [InlineData("hidden_size", "60", "'head_dim' is 15, supported are even sizes.")]
    [InlineData("hidden_size", "1048580", "'hidden_size' is 1048580, supported are sizes of at most 1048576.")]
    [InlineData("intermediate_size", "-5", "'intermediate_size' is -5, expected a number greater than 0.")]
    [InlineData("intermediate_size", "2147483647", "'intermediate_size' is 2147483647, supported are sizes of at most")]
    [InlineData("num_hidden_layers", "1025", "'num_hidden_layers' is 1025, supported are models of at most 1024")]
    [InlineData("num_attention_heads", "1e9", "'num_attention_heads' is 1e9, expected an integer.")]
    [InlineData("num_key_value_heads", "3", "'num_attention_heads' is 4, supported are multiples of " +
        "'num_key_value_heads' (3).")]
    [InlineData("num_key_value_heads", "8", "'num_attention_heads' is 4, supported are multiples of " +
        "'num_key_value_heads' (8).")]
    [InlineData("head_dim", "7", "'head_dim' is 7, supported are even sizes.")]
    [InlineData("rms_norm_eps", "-1", "'rms_norm_eps' is -1, expected a number greater than 0.")]
    [InlineData("rope_theta", "0", "'rope_theta' is 0, expected a number greater than 0.")]
    [InlineData("rope_theta", "1e999", "'rope_theta' is 1e999, expected a finite number.")]
    [InlineData("max_position_embeddings", "2147483647", "'max_position_embeddings' is 2147483647, supported are")]
    [InlineData("attention_bias", "\"yes\"", "'attention_bias' is \"yes\", expected true or false.")]
    [InlineData("tie_word_embeddings", "1", "'tie_word_embeddings' is 1, expected true or false.")]
    [InlineData("mm_vision_select_feature", "\"cls_patch\"",
        "'mm_vision_select_feature' is 'cls_patch', supported are 'patch'.")]
    [InlineData("mm_vision_select_layer", "1.5", "'mm_vision_select_layer' is 1.5, expected an integer.")]
    [InlineData("mm_hidden_size", "0", "'mm_hidden_size' is 0, expected a number greater than 0.")]
    [InlineData("image_aspect_ratio", "\"round\"",
        "'image_aspect_ratio' is 'round', supported are 'square', 'pad' and 'anyres'")]
    [InlineData("tokenizer_model_max_length", "1e30", "'tokenizer_model_max_length' is 1e30, expected an integer.")]
    [InlineData("prompt_template", "\"\\ud83d\"", "'prompt_template' is not valid Unicode text.")]
    [InlineData("quantization_config", "4", "'quantization_config' is 4, expected an object.")]
    [InlineData("quantization_config", "{}",
        "'quantization_config.quant_method' is missing, supported are 'denseconnector'; take the checkpoint with " +
        "unquantised weights")]
    [InlineData("quantization_config", "{\"quant_method\":\"bitsandbytes\",\"load_in_4bit\":true}",
        "'quantization_config.quant_method' is 'bitsandbytes', supported are 'denseconnector'; take the checkpoint")]
    [InlineData("quantization_config", "{\"quant_method\":\"awq\",\"bits\":4}",
        "'quantization_config.quant_method' is 'awq', supported are 'denseconnector'; take the checkpoint")]
    [InlineData("quantization_config", "{\"quant_method\":\"gptq\",\"bits\":4}",
        "'quantization_config.quant_method' is 'gptq', supported are 'denseconnector'; take the checkpoint")]
    [InlineData("quantization_config", "{\"quant_method\":\"denseconnector\"}",
        "'quantization_config.format' is missing, supported are 'int8' and 'int4'.")]
    [InlineData("quantization_config", "{\"quant_method\":\"denseconnector\",\"format\":\"int2\"}",
        "'quantization_config.format' is 'int2', supported are 'int8' and 'int4'.")]
    [InlineData("eos_token_id", "\"2\"", "'eos_token_id' is \"2\", expected a token id or an array of token ids.")]
    [InlineData("eos_token_id", "-1", "'eos_token_id' is -1, expected a token id or an array of token ids.")]
    [InlineData("eos_token_id", "[2, \"\\udc00\"]", "'eos_token_id' is [2, \"\\udc00\"], expected a token id")]
    [InlineData("eos_token_id", "\"\\udc00\"", "'eos_token_id' is \"\\udc00\", expected a token id")]
    public void ReadModel_RefusedValue_NamesFilePathFoundAndAccepted(string key, string value, string message)
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(() => Read(With(Smallest, key, value)));

        Assert.StartsWith(
            $"{Path.Combine(_folder.Path, "config.json")}: {message}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2", new[] { 2 })]
    [InlineData("[128001, 128009]", new[] { 128001, 128009 })]
    [InlineData("[]", new int[0])]
    [InlineData("null", new int[0])]
    public void ReadModel_EndIds_AreANumberOrAnArray(string value, int[] expected) =>
        Assert.Equal(expected, Read(With(Smallest, "eos_token_id", value)).EndIds);

    [Theory]
    [InlineData("{\"eos_token_id\": [7, 8]}", new[] { 7, 8 })]
    [InlineData("{\"eos_token_id\": null}", new[] { 2 })]
    [InlineData("{}", new[] { 2 })]
    public void ReadModel_GenerationConfig_ComesFirstWhereItSaysSomething(string generation, int[] expected)
    {
        _folder.Write("generation_config.json", System.Text.Encoding.UTF8.GetBytes(generation));

        Assert.Equal(expected, Read(With(Smallest, "eos_token_id", "2")).EndIds);
    }

    [Fact]
    public void ReadModel_BrokenGenerationConfig_NamesThatFile()
    {
        string path = _folder.Write("generation_config.json", "{"u8);

        Assert.Equal(path, Assert.Throws<ModelConfigException>(() => Read(Smallest)).File);
    }

    [Fact]
    public void ReadModel_LanguageModelAlone_SaysSo() =>
        Assert.Contains(
            "language model alone",
            Assert.Throws<ModelConfigException>(() => Read(With(Smallest, "mm_vision_tower", "null"))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void ReadVision_OnlyTheType_TakesTransformersClipDefaults() =>
        Assert.Equal(
            new VisionConfig
            {
                Json = NoJson,
                ModelType = "clip_vision_model",
                HiddenSize = 768,
                IntermediateSize = 3072,
                Layers = 12,
                Heads = 12,
                ImageSize = 224,
                PatchSize = 32,
                NormEpsilon = 1e-5,
                Activation = "quick_gelu",
            },
            ReadVision("""{"model_type": "clip_vision_model"}""") with { Json = NoJson });

    [Fact]
    public void ReadVision_OnlyTheType_TakesTransformersSiglipDefaults() =>
        Assert.Equal(
            new VisionConfig
            {
                Json = NoJson,
                ModelType = "siglip",
                HiddenSize = 768,
                IntermediateSize = 3072,
                Layers = 12,
                Heads = 12,
                ImageSize = 224,
                PatchSize = 16,
                NormEpsilon = 1e-6,
                Activation = "gelu_pytorch_tanh",
            },
            ReadVision("""{"model_type": "siglip", "vision_config": {}}""") with { Json = NoJson });

    [Fact]
    public void ReadVision_WholeClip_ReadsTheVisionPart()
    {
        // As openai/clip-vit-large-patch14-336 is published: the text model's sizes stand beside, defaults are omitted.
        VisionConfig config = ReadVision("""
            {
              "model_type": "clip", "projection_dim": 768, "hidden_size": 1,
              "text_config": {"hidden_size": 768, "num_hidden_layers": 12},
              "vision_config": {
                "hidden_size": 1024, "image_size": 336, "intermediate_size": 4096, "num_attention_heads": 16,
                "num_hidden_layers": 24, "patch_size": 14
              }
            }
            """);

        Assert.Equal("clip", config.ModelType);
        Assert.Equal(1024, config.HiddenSize);
        Assert.Equal(24, config.Layers);
        Assert.Equal(576, config.Patches);
        Assert.Equal("quick_gelu", config.Activation);
        Assert.Equal(1e-5, config.NormEpsilon);
    }

    [Theory]
    [InlineData("hidden_size", "1000", "vision_config.hidden_size")]
    [InlineData("num_hidden_layers", "2000", "vision_config.num_hidden_layers")]
    [InlineData("patch_size", "225", "vision_config.patch_size")]
    [InlineData("image_size", "8193", "vision_config.image_size")]
    [InlineData("layer_norm_eps", "0", "vision_config.layer_norm_eps")]
    public void ReadVision_RefusedNestedValue_NamesTheWholePath(string key, string value, string path)
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => ReadVision($"{{\"model_type\": \"clip\", \"vision_config\": {{\"{key}\": {value}}}}}"));

        Assert.Equal(path, error.Path);
        Assert.Contains($"'{path}' is {value}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadVision_NoType_NamesWhatIsRead() =>
        Assert.Contains(
            "clip and siglip",
            Assert.Throws<ModelConfigException>(() => ReadVision("{}")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void ReadModel_RandomMutations_GiveAConfigOrAConfigError()
    {
        string whole = File.ReadAllText(Path.Combine(TestData.TinyModel, "config.json"));
        string[] keys = [.. JsonNode.Parse(whole)!.AsObject().Select(pair => pair.Key), "rope_theta", "head_dim"];
        string[] values =
        [
            "null", "true", "0", "-1", "3", "0.5", "1e999", "-1e-999", "2147483647", "2147483648", "1e19", "1048576",
            "\"\"", "\"x\"", "\"\\ud800\"", "[]", "[1,[2]]", "[\"\\udfff\"]", "{}", "{\"\\ud800\":1}",
        ];
        Gen<string> swapped = Gen.Select(OneOf(keys), OneOf(values)).Array[1, 4].Select(
            changes => changes.Aggregate(whole, (json, change) => With(json, change.Item1, change.Item2)));
        Gen<string> cut = Gen.Select(Gen.Int[0, whole.Length], Gen.Int[0, 40], Gen.String[0, 6], (at, length, put) =>
            string.Concat(whole.AsSpan(0, at), put, whole.AsSpan(Math.Min(whole.Length, at + length))));

        Gen.OneOf(swapped, cut).Sample(
            text =>
            {
                try
                {
                    ModelConfig config = Read(text);
                    Assert.True(config.Decoder.HeadSize > 0 && config.Decoder.HeadSize % 2 == 0);
                    Assert.Equal(0, config.Decoder.Heads % config.Decoder.KeyValueHeads);
                    Assert.InRange(config.Decoder.RopeTheta, double.Epsilon, double.MaxValue);
                    Assert.All(config.EndIds, id => Assert.True(id >= 0));
                }
                catch (ModelConfigException e)
                {
                    Assert.StartsWith(_folder.Path, e.Message, StringComparison.Ordinal);
                }
            },
            iter: 3000,
            threads: 1);
    }

    [Theory]
    [InlineData("null", Quantization.None)]
    [InlineData("{\"quant_method\":\"denseconnector\",\"format\":\"int8\"}", Quantization.Int8)]
    [InlineData("{\"quant_method\":\"denseconnector\",\"format\":\"int4\",\"more\":1}", Quantization.Int4)]
    public void ReadModel_QuantizationConfig_GivesTheFormat(string value, Quantization expected) =>
        Assert.Equal(expected, Read(With(Smallest, "quantization_config", value)).Quantization);

    [Theory]
    [InlineData("{\"quant_method\":\"denseconnector\",\"format\":\"int4\"}", "put on unquantised ones")]
    [InlineData("{\"quant_method\":\"awq\",\"bits\":4}", "is 'awq', supported are 'denseconnector'")]
    public void ReadModel_QuantizedBaseModel_NamesItsFile(string value, string problem)
    {
        using TemporaryFolder below = new();
        string file = below.Write(
            "config.json", System.Text.Encoding.UTF8.GetBytes($"{{\"quantization_config\":{value}}}"));
        Read(Smallest);

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => ConfigReader.ReadModel(_folder.Path, below.Path));

        Assert.Equal(file, error.File);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    /// <summary>An adapter that was trained on a model in 4 bits is put on the model in full.</summary>
    [Fact]
    public void ReadModel_AdapterTrainedOnAQuantizedModel_IsTakenForWhatItsBaseIs()
    {
        using TemporaryFolder below = new();
        below.Write("config.json", "{}"u8);
        Read(Smallest);
        _folder.Write("config.json", System.Text.Encoding.UTF8.GetBytes(
            With(Smallest, "quantization_config", "{\"quant_method\":\"bitsandbytes\",\"load_in_4bit\":true}")));

        Assert.Equal(Quantization.None, ConfigReader.ReadModel(_folder.Path, below.Path).Quantization);
    }

    private static Gen<string> OneOf(string[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    /// <summary>The text with one key's value replaced by raw JSON; other keys stay as they are.</summary>
    private static string With(string json, string key, string value)
    {
        // A second key of the same name wins, and raw text can say what no JsonNode can.
        int end = json.LastIndexOf('}');
        return end < 0 ? json : $"{json[..end].TrimEnd()}, \"{key}\": {value}}}";
    }

    private ModelConfig Read(string json)
    {
        _folder.Write("config.json", System.Text.Encoding.UTF8.GetBytes(json));
        return ConfigReader.ReadModel(_folder.Path);
    }

    private static ConfigJson NoJson { get; } = ConfigJson.Parse("config.json", "{}"u8.ToArray());

    private VisionConfig ReadVision(string json)
    {
        _folder.Write("config.json", System.Text.Encoding.UTF8.GetBytes(json));
        return ConfigReader.ReadVision(_folder.Path);
    }
}
