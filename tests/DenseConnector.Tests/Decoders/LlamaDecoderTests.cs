using DenseConnector.Configuration;
using DenseConnector.Decoders;
using DenseConnector.Tests.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Decoders;

public sealed class LlamaDecoderTests : TensorTest
{
    private const int Tokens = 10;

    [Theory]
    [InlineData(4, 1)]
    [InlineData(4, 3)]
    [InlineData(2, 1)]
    [InlineData(2, 3)]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    public void Forward_InChunksBehindTheCache_EqualsTheWholePrompt(int keyValueHeads, int chunk)
    {
        DecoderConfig config = TinyLlama.Config(keyValueHeads);
        using LlamaDecoder decoder = TinyLlama.Build(config, TinyLlama.Weights(config));
        Tensor input = TinyLlama.Input(Tokens);

        Tensor whole = Run(decoder, input, Tokens);
        Tensor pieces = Run(decoder, input, chunk);

        Assert.True(pieces.allclose(whole, 1e-4, 1e-5));
    }

    [Theory]
    [InlineData("meta", "cpu", "The embeddings lie on meta, the weights of LlamaDecoder on cpu")]
    [InlineData("cpu", "meta", "The keys and values of the cache lie on meta, the weights of LlamaDecoder on cpu")]
    public void Forward_InputOrCacheOnAnotherDevice_Throws(string input, string past, string problem)
    {
        DecoderConfig config = TinyLlama.Config();
        using LlamaDecoder decoder = TinyLlama.Build(config, TinyLlama.Weights(config));
        using KeyValueCache cache = new(config, Tokens, ScalarType.Float32, device(past));

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => decoder.call(TinyLlama.Input(Tokens).to(device(input)), new DecoderBatch(cache, Tokens)));

        Assert.StartsWith(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, cache.Length);
    }

    [Fact]
    public void Forward_CacheOfAnotherType_Throws()
    {
        DecoderConfig config = TinyLlama.Config();
        using LlamaDecoder decoder = TinyLlama.Build(config, TinyLlama.Weights(config));
        using KeyValueCache cache = new(config, Tokens, ScalarType.BFloat16, CPU);

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => decoder.call(TinyLlama.Input(Tokens), new DecoderBatch(cache, Tokens)));

        Assert.Contains("cache are BFloat16, LlamaDecoder reads Float32", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("meta", ScalarType.Int64, "The token ids lie on meta, the weights of LlamaDecoder on cpu")]
    [InlineData("cpu", ScalarType.Float32, "The token ids are Float32, LlamaDecoder reads Int64")]
    public void Embed_IdsElsewhereOrNoIntegers_Throws(string place, ScalarType type, string problem)
    {
        DecoderConfig config = TinyLlama.Config();
        using LlamaDecoder decoder = TinyLlama.Build(config, TinyLlama.Weights(config));

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => decoder.Embed(zeros([3], type, device(place))));

        Assert.StartsWith(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_LaterTokenChanged_LeavesEarlierOnesAlone()
    {
        DecoderConfig config = TinyLlama.Config();
        using LlamaDecoder decoder = TinyLlama.Build(config, TinyLlama.Weights(config));
        Tensor input = TinyLlama.Input(Tokens);
        Tensor changed = input.clone();
        changed.narrow(0, Tokens - 1, 1).neg_();

        Tensor before = Run(decoder, input, Tokens);
        Tensor after = Run(decoder, changed, Tokens);

        Assert.True(after.narrow(0, 0, Tokens - 1).allclose(before.narrow(0, 0, Tokens - 1)));
        Assert.False(after.narrow(0, Tokens - 1, 1).allclose(before.narrow(0, Tokens - 1, 1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Forward_GroupedHeads_EqualFullHeadsWithRepeatedWeights(int keyValueHeads)
    {
        DecoderConfig grouped = TinyLlama.Config(keyValueHeads);
        DecoderConfig full = TinyLlama.Config(keyValueHeads: 4);
        Dictionary<string, WeightFile.Weight> weights = TinyLlama.Weights(grouped);
        int group = 4 / keyValueHeads;
        IEnumerable<KeyValuePair<string, WeightFile.Weight>> repeated = weights.Select(weight =>
            weight.Key.Contains("k_proj", StringComparison.Ordinal) ||
            weight.Key.Contains("v_proj", StringComparison.Ordinal)
                ? KeyValuePair.Create(weight.Key, Repeat(weight.Value, group, grouped.HeadSize))
                : weight);
        using LlamaDecoder few = TinyLlama.Build(grouped, weights);
        using LlamaDecoder many = TinyLlama.Build(full, repeated);
        Tensor input = TinyLlama.Input(Tokens);

        Assert.True(Run(few, input, Tokens).allclose(Run(many, input, Tokens), 1e-4, 1e-5));
        Assert.True(Run(few, input, 1).allclose(Run(many, input, 3), 1e-4, 1e-5));
    }

    [Fact]
    public void Score_TiedEmbeddings_EqualsAHeadWithTheSameWeight()
    {
        DecoderConfig untied = TinyLlama.Config();
        Dictionary<string, WeightFile.Weight> weights = TinyLlama.Weights(untied);
        weights["lm_head.weight"] = weights["model.embed_tokens.weight"];
        using LlamaDecoder withHead = TinyLlama.Build(untied, weights);
        weights.Remove("lm_head.weight");
        using LlamaDecoder tied = TinyLlama.Build(untied with { TieWordEmbeddings = true }, weights);
        Tensor hidden = TinyLlama.Input(2);

        Assert.Equal([2, 50], tied.Score(hidden).shape);
        Assert.True(tied.Score(hidden).allclose(withHead.Score(hidden)));
    }

    [Fact]
    public void Constructor_TiedEmbeddingsStoredTwice_IgnoresTheSecond()
    {
        DecoderConfig config = TinyLlama.Config();
        Dictionary<string, WeightFile.Weight> weights = TinyLlama.Weights(config);

        using LlamaDecoder decoder = TinyLlama.Build(config with { TieWordEmbeddings = true }, weights);

        Assert.Equal(weights.Count - 1, decoder.parameters().Count());
    }

    [Fact]
    public void Constructor_OldRotaryFrequencies_AreIgnored()
    {
        DecoderConfig config = TinyLlama.Config();
        Dictionary<string, WeightFile.Weight> weights = TinyLlama.Weights(config);
        weights.Add("model.layers.1.self_attn.rotary_emb.inv_freq", new WeightFile.Weight([4], new float[4]));

        TinyLlama.Build(config, weights).Dispose();
    }

    [Fact]
    public void Constructor_OtherActivation_IsRefused()
    {
        DecoderConfig config = TinyLlama.Config() with
        {
            Json = ConfigJson.Parse("config.json", """{"hidden_act": "gelu"}"""u8.ToArray()),
        };

        ModelConfigException error = Assert.Throws<ModelConfigException>(
            () => TinyLlama.Build(config, TinyLlama.Weights(config)).Dispose());

        Assert.Equal("config.json: 'hidden_act' is 'gelu', supported are 'silu'.", error.Message);
    }

    [Fact]
    public void Embed_Ids_GivesTheirRows()
    {
        DecoderConfig config = TinyLlama.Config();
        Dictionary<string, WeightFile.Weight> weights = TinyLlama.Weights(config);
        using LlamaDecoder decoder = TinyLlama.Build(config, weights);

        Tensor embedded = decoder.Embed(tensor([49L, 3]));

        float[] table = weights["model.embed_tokens.weight"].Values;
        Assert.Equal([.. table[(49 * 32)..], .. table[(3 * 32)..(4 * 32)]], embedded.data<float>().ToArray());
    }

    [Fact]
    public void Forward_Step_LeavesOneTensor()
    {
        DecoderConfig config = TinyLlama.Config();
        using LlamaDecoder decoder = TinyLlama.Build(config, TinyLlama.Weights(config));
        using KeyValueCache cache = new(config, 8, decoder.Type, decoder.Device);
        Tensor input = TinyLlama.Input(1);
        decoder.call(input, new DecoderBatch(cache, 1)).Dispose();
        long before = LiveTensors;

        using Tensor hidden = decoder.call(input, new DecoderBatch(cache, 1));

        Assert.Equal(before + 1, LiveTensors);
        Assert.Equal(2, cache.Length);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(2)]
    [InlineData(1)]
    public void Forward_SpansOfSeveralRequests_EqualEachOnItsOwn(int keyValueHeads)
    {
        DecoderConfig config = TinyLlama.Config(keyValueHeads);
        using LlamaDecoder decoder = TinyLlama.Build(config, TinyLlama.Weights(config));
        Tensor input = TinyLlama.Input(14);
        using KeyValueCache fresh = Cache(0);
        using KeyValueCache filled = Cache(3);
        using KeyValueCache beams = Cache(2, rows: 3);
        beams.CopyFirstRow();
        DecoderBatch batch = new(
            new CacheSpan(filled, 1, 1), new CacheSpan(beams, 3, 2), new CacheSpan(fresh, 1, 4));

        Tensor together = decoder.call(input.narrow(0, 0, 11), batch);

        Assert.Equal([4, 4, 4], batch.Spans.Select(span => span.Cache.Length));
        using KeyValueCache freshAlone = Cache(0);
        using KeyValueCache filledAlone = Cache(3);
        List<Tensor> alone = [decoder.call(input.narrow(0, 0, 1), new DecoderBatch(filledAlone, 1))];
        for (int beam = 0; beam < 3; beam++)
        {
            using KeyValueCache row = Cache(2);
            alone.Add(decoder.call(input.narrow(0, 1 + (2 * beam), 2), new DecoderBatch(row, 2)));
        }

        alone.Add(decoder.call(input.narrow(0, 7, 4), new DecoderBatch(freshAlone, 4)));
        Assert.True(together.allclose(cat(alone, 0), 1e-4, 1e-5));

        // What was appended is each request's own: the next token sees it.
        DecoderBatch next = new(new CacheSpan(fresh, 1, 1), new CacheSpan(filled, 1, 1));
        Tensor after = cat(
            [
                decoder.call(input.narrow(0, 11, 1), new DecoderBatch(freshAlone, 1)),
                decoder.call(input.narrow(0, 12, 1), new DecoderBatch(filledAlone, 1)),
            ],
            0);
        Assert.True(decoder.call(input.narrow(0, 11, 2), next).allclose(after, 1e-4, 1e-5));

        KeyValueCache Cache(int past, int rows = 1)
        {
            KeyValueCache cache = new(config, 8, decoder.Type, decoder.Device, rows);
            if (past > 0)
            {
                decoder.call(TinyLlama.Input(past).neg(), new DecoderBatch(cache, past));
            }

            return cache;
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Forward_SpansDoNotCoverTheEmbeddings_Throws(int tokens)
    {
        DecoderConfig config = TinyLlama.Config();
        using LlamaDecoder decoder = TinyLlama.Build(config, TinyLlama.Weights(config));
        using KeyValueCache cache = new(config, Tokens, ScalarType.Float32, CPU);

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => decoder.call(TinyLlama.Input(tokens), new DecoderBatch(cache, 4)));

        Assert.Contains($"[{tokens}, 32], the spans hold 4 tokens", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, cache.Length);
    }

    /// <summary>Hidden states of the whole input, read in chunks behind a fresh cache.</summary>
    private static Tensor Run(LlamaDecoder decoder, Tensor input, int chunk)
    {
        int tokens = (int)input.shape[0];
        using KeyValueCache cache = new(decoder.Config, tokens, decoder.Type, decoder.Device);
        List<Tensor> parts = [];
        for (int start = 0; start < tokens; start += chunk)
        {
            int count = Math.Min(chunk, tokens - start);
            parts.Add(decoder.call(input.narrow(0, start, count), new DecoderBatch(cache, count)));
        }

        Assert.Equal(tokens, cache.Length);
        return cat(parts, 0);
    }

    /// <summary>Each head's rows so many times after each other.</summary>
    private static WeightFile.Weight Repeat(WeightFile.Weight weight, int times, int headSize)
    {
        int head = headSize * (int)weight.Shape[1];
        return new WeightFile.Weight(
            [weight.Shape[0] * times, weight.Shape[1]],
            [.. weight.Values.Chunk(head).SelectMany(rows => Enumerable.Repeat(rows, times)).SelectMany(rows => rows)]);
    }
}
