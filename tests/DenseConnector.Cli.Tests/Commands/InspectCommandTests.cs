using System.Text.Json;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class InspectCommandTests
{
    [Fact]
    public async Task Inspect_BundledModel_PrintsItsParts()
    {
        ToolRun run = await ToolRun.RunAsync("inspect");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Empty(run.Error);
        Assert.All(
            [
                "model            dense-connector-tiny",
                "architecture     llava_llama",
                "112x112 pixels, patches of 14, 23 of 24 layers run, width 64, 2 heads",
                "vision weights   inside the checkpoint",
                "connector        dci: 64 visual tokens of 192 channels",
                "projector        mlp2x_gelu: 192 to 128",
                "4 layers, width 128, feed-forward 320, 4 heads (2 key/value), vocabulary 1,024, rope theta 10,000",
                "prompt template  vicuna_v1 (from the catalog)",
                "longest          1,024 tokens, prompt and answer",
                "weights          F16: 434 tensors, 3.88 MiB",
                "size             1,994,368 weights in use, 3.88 MiB in files",
                " MiB for one request of 1,024 tokens, in float32 on a CPU; ",
                "memory parts     vision 3.98 MiB, language model 3.88 MiB, keys and values 2.00 MiB, activations ",
                "memory kept      up to 2.25 GiB more for past texts and pictures",
            ],
            line => Assert.Contains(line, run.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Inspect_Json_HasTheSameFacts()
    {
        ToolRun run = await ToolRun.RunAsync("inspect", ToolRun.TinyModel, "--json");

        JsonElement model = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(
            [
                "name", "folder", "architecture", "vision", "connector", "decoder", "promptTemplate",
                "promptTemplateSource", "maxTokens", "quantization", "weights", "parameters", "bytes",
                "memory",
            ],
            model.EnumerateObject().Select(property => property.Name));
        Assert.Equal(Path.GetFullPath(ToolRun.TinyModel), model.GetProperty("folder").GetString());
        Assert.Equal(23, model.GetProperty("vision").GetProperty("layersRun").GetInt32());
        Assert.Equal(24, model.GetProperty("vision").GetProperty("layers").GetInt32());
        Assert.Equal(64, model.GetProperty("connector").GetProperty("tokensPerPicture").GetInt32());
        Assert.Equal(192, model.GetProperty("connector").GetProperty("width").GetInt32());
        Assert.Equal(2, model.GetProperty("decoder").GetProperty("keyValueHeads").GetInt32());
        Assert.Equal("F16", model.GetProperty("weights")[0].GetProperty("type").GetString());
        Assert.Equal(4_072_448, model.GetProperty("bytes").GetInt64());

        // The last layer of the tower is in the file and is not run.
        Assert.Equal(1_994_368, model.GetProperty("parameters").GetInt64());
    }

    [Fact]
    public async Task Inspect_SeparateTower_CountsItsFile()
    {
        ToolRun inside = await ToolRun.RunAsync("inspect", "--json");
        ToolRun separate = await ToolRun.RunAsync("inspect", "--json", "--vision-weights", "separate");

        string weights = JsonDocument.Parse(separate.Output).RootElement.GetProperty("vision").GetProperty("weights")
            .GetString()!;
        Assert.EndsWith("vision_tower", weights, StringComparison.Ordinal);
        Assert.True(Bytes(separate) > Bytes(inside));
    }

    [Fact]
    public async Task Inspect_Template_SaysItWasAskedFor()
    {
        ToolRun run = await ToolRun.RunAsync("inspect", "--template", "plain");

        Assert.Contains("prompt template  plain (as asked for)", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_CheckpointThatDoesNotFit_ListsWhatIsWrong()
    {
        using ModelCopy model = new();
        model.Set("num_hidden_layers", 5).Set("vocab_size", 1000).Set("mm_projector_type", "linear");

        ToolRun run = await ToolRun.RunAsync("inspect", model.Path);

        run.FailedWith(
            ExitCode.Failure,
            "do not fit the model that config.json describes",
            "11 missing: 'model.mm_projector.weight' [128, 192]; 'model.mm_projector.bias' [128]; " +
            "'model.layers.4.input_layernorm.weight' [128]",
            "2 of another shape: 'model.embed_tokens.weight' has shape [1024, 128], expected [1000, 128]",
            "4 not expected by this model: 'model.mm_projector.0.bias'");
    }

    [Fact]
    public async Task Inspect_WeightFileCutShort_NamesTheFile()
    {
        using ModelCopy model = new();
        string weights = model.PathOf("model.safetensors");
        using (FileStream file = File.OpenWrite(weights))
        {
            file.SetLength(file.Length - 100);
        }

        (await ToolRun.RunAsync("inspect", model.Path)).FailedWith(ExitCode.Failure, weights);
    }

    [Fact]
    public async Task Inspect_UnsupportedConfig_NamesKeyAndSupportedValues()
    {
        using ModelCopy model = new();
        model.Set("mm_dense_connector_type", "xyz");

        ToolRun run = await ToolRun.RunAsync("inspect", model.Path);

        run.FailedWith(ExitCode.Failure, "'mm_dense_connector_type' is 'xyz', supported are ", "'dci'");
    }

    [Fact]
    public async Task Inspect_UnknownTemplateInConfig_IsTheModelsFault()
    {
        using ModelCopy model = new();
        model.Set("prompt_template", "nope");

        ToolRun run = await ToolRun.RunAsync("inspect", model.Path);

        run.FailedWith(ExitCode.Failure, "config.json: 'prompt_template' is 'nope', supported are ");
    }

    [Fact]
    public async Task Inspect_ModelThatDoesNotExist_NamesIt()
    {
        ToolRun run = await ToolRun.RunAsync("inspect", "no-such-model");

        run.FailedWith(ExitCode.Failure, "no-such-model: is neither a folder nor a repository");
    }

    [Fact]
    public async Task Inspect_Device_IsNotTaken()
    {
        ToolRun run = await ToolRun.RunAsync("inspect", ToolRun.TinyModel, "--device", "auto");

        run.FailedWith(ExitCode.Usage, "There is no option '--device'");
    }

    [Fact]
    public async Task Inspect_Memory_HasTheBytesOfEachPart()
    {
        JsonElement memory = await MemoryAsync("--tokens", "100");

        Assert.Equal(
            [
                "precision", "quantization", "tokens", "parts", "mappedBytes", "keptBytes", "availableBytes",
                "peakBytes", "fits",
            ],
            memory.EnumerateObject().Select(property => property.Name));
        Dictionary<string, long> parts = memory.GetProperty("parts").EnumerateObject()
            .ToDictionary(part => part.Name, part => part.Value.GetInt64());
        Assert.Equal(
            [
                "runtime", "visionWeights", "decoderWeights", "loading", "dequantization", "keyValueCache",
                "activations",
            ],
            parts.Keys);
        Assert.Equal(100, memory.GetProperty("tokens").GetInt32());
        Assert.Equal("float32", memory.GetProperty("precision").GetString());
        Assert.Equal("none", memory.GetProperty("quantization").GetString());
        Assert.Equal(
            parts.Values.Sum() - parts["loading"], memory.GetProperty("peakBytes").GetInt64());
        Assert.True(memory.GetProperty("fits").GetBoolean());
    }

    [Theory]
    [InlineData("int8", "bfloat16", 2_085_888, 1_237_248)]
    [InlineData("int4", "bfloat16", 2_085_888, 917_760)]
    [InlineData("int4", "float32", 4_171_776, 1_313_280)]
    public async Task Inspect_Quantize_StatesTheFormatAskedFor(
        string quantization, string precision, long vision, long decoder)
    {
        JsonElement memory = await MemoryAsync("--quantize", quantization, "--precision", precision);

        Assert.Equal(quantization, memory.GetProperty("quantization").GetString());
        Assert.Equal(precision, memory.GetProperty("precision").GetString(), ignoreCase: true);
        Assert.Equal(vision, memory.GetProperty("parts").GetProperty("visionWeights").GetInt64());
        Assert.Equal(decoder, memory.GetProperty("parts").GetProperty("decoderWeights").GetInt64());
        Assert.Equal(0, memory.GetProperty("mappedBytes").GetInt64());
    }

    [Fact]
    public async Task Inspect_WeightsThatStayAsStored_AreStatedAsMapped()
    {
        using ReferenceModel model = new("clip_vicuna_dci");
        JsonElement mapped = await MemoryAsync([model.Folder, .. model.Words, "--precision", "float32"]);
        JsonElement copied = await MemoryAsync(
            [model.Folder, .. model.Words, "--precision", "float32", "--no-memory-map"]);
        JsonElement converted = await MemoryAsync([model.Folder, .. model.Words, "--precision", "bfloat16"]);

        // Its file without the last vision layer and the norm after it, which the connector does not use.
        Assert.Equal(1_233_376, mapped.GetProperty("mappedBytes").GetInt64());
        Assert.Equal(0, copied.GetProperty("mappedBytes").GetInt64());
        Assert.Equal(0, converted.GetProperty("mappedBytes").GetInt64());
        Assert.Equal(mapped.GetProperty("peakBytes").GetInt64(), copied.GetProperty("peakBytes").GetInt64());
    }

    [Fact]
    public async Task Inspect_NoTokens_IsRefused()
    {
        ToolRun run = await ToolRun.RunAsync("inspect", "--tokens", "0");

        run.FailedWith(ExitCode.Usage, "--tokens is 0, expected at least 1");
    }

    [Fact]
    public async Task Inspect_QuantizeInFloat16_IsRefusedAsALoadIs()
    {
        ToolRun run = await ToolRun.RunAsync("inspect", "--quantize", "int8", "--precision", "float16");

        run.FailedWith(ExitCode.Usage, "computes in BFloat16 or Float32");
    }

    private static async Task<JsonElement> MemoryAsync(params string[] options)
    {
        ToolRun run = await ToolRun.RunAsync(["inspect", "--json", .. options]);
        return JsonDocument.Parse(run.Output).RootElement.GetProperty("memory");
    }

    private static long Bytes(ToolRun run) =>
        JsonDocument.Parse(run.Output).RootElement.GetProperty("bytes").GetInt64();
}
