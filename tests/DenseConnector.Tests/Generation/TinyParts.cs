using DenseConnector.Configuration;
using DenseConnector.Connectors;
using DenseConnector.Decoders;
using DenseConnector.Generation;
using DenseConnector.Imaging;
using DenseConnector.Loading;
using DenseConnector.Multimodal;
using DenseConnector.Tests.Decoders;
using DenseConnector.Tests.Loading;
using DenseConnector.Tests.Vision;
using DenseConnector.Text;
using DenseConnector.Vision;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Generation;

/// <summary>A whole model with random weights, four visual tokens a picture; its tensors belong to the test.</summary>
internal sealed class TinyParts : IDisposable
{
    private static readonly LoadedTokenizer Tokenizer = TokenizerLoader.Load(TestData.TinyModel);

    private static readonly VisionConfig Vision = new()
    {
        ModelType = "clip_vision_model",
        Json = ConfigJson.Parse("config.json", "{}"u8.ToArray()),
        HiddenSize = 8,
        IntermediateSize = 12,
        Layers = 1,
        Heads = 2,
        ImageSize = 8,
        PatchSize = 4,
        NormEpsilon = 1e-5,
        Activation = "quick_gelu",
    };

    public TinyParts(int positions = 64)
    {
        DecoderConfig config = TinyLlama.Config() with { MaxPositions = positions, VocabularySize = 1000 };
        Decoder = TinyLlama.Build(config, TinyLlama.Weights(config));
        Random random = new(3);
        using WeightFolder folder = new(new WeightFile().Add(TinyClip.Weights(Vision)).Add(
            [
                KeyValuePair.Create("projector.weight", WeightFile.Weight.Random(random, 0.5f, 32, 8)),
                KeyValuePair.Create("projector.bias", WeightFile.Weight.Random(random, 0.5f, 32)),
            ]));
        WeightScope weights = new(folder.Checkpoint, ScalarType.Float32, CPU);
        Visuals = new VisualEmbedder(
            new ClipVisionEncoder(weights, Vision, [], last: 1),
            new SingleLayer(),
            new Projector(weights.At("projector"), "linear", 8, 32),
            new VisualLayout(weights, Geometry, 32));
    }

    public Decoder Decoder { get; }

    public VisualEmbedder Visuals { get; }

    private static VisualGeometry Geometry { get; } = new(ImageLayout.Plain, PatchMerge.Flat, [], 8, 2, 4);

    /// <summary>A picture for one image slot.</summary>
    public static VisualSlot Picture { get; } = new(
        new PixelValues(
            [.. Enumerable.Range(0, 3 * 8 * 8).Select(i => MathF.Sin(i))], 1, 8, 8), new PixelSize(8, 8), 4);

    /// <summary>Ids of a prompt of so many tokens.</summary>
    public static int[] Prompt(int tokens, int seed = 0) =>
        [.. Enumerable.Range(0, tokens).Select(i => 1 + (((i * 37) + (seed * 101)) % 990))];

    /// <summary>A greedy request without ending tokens.</summary>
    public static GenerationRequest Request(
        int[] ids,
        int maxNewTokens,
        VisualSlot[]? pictures = null,
        GenerationOptions? options = null,
        CancellationToken cancellation = default) => new(
            new GenerationInput(
                ids,
                pictures ?? [],
                PromptEmbedder.CountTokens(ids, 4 * (pictures?.Length ?? 0)),
                maxNewTokens,
                VocabularySize: 1000),
            new Sampler(options ?? new GenerationOptions(), beginId: null),
            Tokenizer.CreateDecoder(),
            new StopCondition(new HashSet<int>(), []),
            cancellation)
        {
            BeamSearch = options?.Beams > 1 ? new BeamSearch(options, null, new HashSet<int>(), maxNewTokens) : null,
        };

    /// <summary>A scheduler with one request.</summary>
    public Scheduler Schedule(GenerationRequest request)
    {
        Scheduler scheduler = new(Decoder, Visuals, maxActive: 1);
        scheduler.Submit(request);
        return scheduler;
    }

    /// <summary>The answer's ids so far; fails if the request did.</summary>
    public static int[] Read(GenerationRequest request)
    {
        List<int> ids = [];
        while (request.Updates.TryRead(out GenerationUpdate? update))
        {
            ids.AddRange(update.TokenIds);
        }

        return [.. ids];
    }

    /// <summary>The error a request ended with, or <c>null</c>.</summary>
    public static Exception? Error(GenerationRequest request)
    {
        Read(request);
        return request.Updates.Completion.Exception?.InnerException;
    }

    /// <summary>Greedy tokens without chunks and without the generation loop.</summary>
    public int[] Greedy(Tensor embeddings, int count)
    {
        int length = (int)embeddings.shape[0];
        using KeyValueCache cache = new(Decoder.Config, length + count, Decoder.Type, Decoder.Device);
        Tensor hidden = Decoder.call(embeddings, new DecoderBatch(cache, length));
        List<int> ids = [];
        for (; ; )
        {
            ids.Add((int)Decoder.Score(hidden[-1]).argmax().item<long>());
            if (ids.Count == count)
            {
                return [.. ids];
            }

            hidden = Decoder.call(Decoder.Embed(tensor([(long)ids[^1]])), new DecoderBatch(cache, 1));
        }
    }

    /// <summary>A beam search that reads the whole text of every beam again for each token.</summary>
    public int[] Search(int[] prompt, GenerationOptions options, int maxNewTokens)
    {
        BeamSearch search = new(options, null, new HashSet<int>(), maxNewTokens);
        int[][] beams = [prompt];
        for (; ; )
        {
            float[] logits = [.. beams.SelectMany(Logits)];
            if (!search.Step(logits))
            {
                return search.Best;
            }

            int[] tokens = search.Tokens.ToArray();
            int[] parents = search.Parents.ToArray();
            beams = [.. tokens.Select((token, i) =>
                beams.Length == 1 ? [.. prompt, token] : beams[parents[i]].Append(token).ToArray())];
        }
    }

    public void Dispose()
    {
        Decoder.Dispose();
        Visuals.Dispose();
    }

    private float[] Logits(int[] ids)
    {
        using DisposeScope scope = NewDisposeScope();
        using KeyValueCache cache = new(Decoder.Config, ids.Length, Decoder.Type, Decoder.Device);
        Tensor embedded = Decoder.Embed(tensor(Array.ConvertAll(ids, id => (long)id)));
        return Decoder.Score(Decoder.call(embedded, new DecoderBatch(cache, ids.Length))[-1]).data<float>().ToArray();
    }
}
