using System.Diagnostics;
using DenseConnector.Configuration;
using DenseConnector.Decoders;
using DenseConnector.Generation;
using DenseConnector.Imaging;
using DenseConnector.Kernels;
using DenseConnector.Layers;
using DenseConnector.Loading;
using DenseConnector.Multimodal;
using TorchSharp;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Benchmarking;

/// <summary>Measures a loaded model on a CPU: its parts one by one, and whole answers.</summary>
/// <remarks>
/// Prompts are random embeddings: the time of a product does not depend on its numbers. Prompt and tokens go through
/// the decoder in the pieces in which the scheduler gives them to it.
/// </remarks>
/// <param name="model">The model; nothing else uses it meanwhile.</param>
/// <param name="promptTokens">Tokens of a prompt.</param>
/// <param name="newTokens">Tokens to make.</param>
internal sealed class ModelBenchmark(DenseConnectorModel model, int promptTokens, int newTokens)
{
    // Enough that no cache holds them from one token to the next.
    private const int StripesPerRead = 256;

    private readonly Decoder _decoder = model.Parts.Decoder;

    /// <summary>Bytes that one token reads: every matrix once, and half of the new tokens' keys and values.</summary>
    public long BytesPerToken => DecoderWeights.Sum(weight => weight.Matrix!.BytesPerRow * weight.Matrix.Rows) +
        (_decoder.Config.TieWordEmbeddings ? HeadSize * _decoder.Type.ElementSize() : 0) +
        KeyValueCache.CountBytes(_decoder.Config, promptTokens + (newTokens / 2), _decoder.Type);

    /// <summary>
    /// Operations that a token of a prompt takes on average: the products with every matrix but the head, and those of
    /// queries, keys and values, of which causality leaves half.
    /// </summary>
    public double OperationsPerToken
    {
        get
        {
            DecoderConfig config = _decoder.Config;
            long weights = DecoderWeights.Sum(weight => weight.Matrix!.Rows * weight.Matrix.Columns) -
                (config.TieWordEmbeddings ? 0 : HeadSize);
            double attention = 2.0 * config.Layers * config.Heads * config.HeadSize * promptTokens;
            return (2.0 * weights) + attention;
        }
    }

    private long HeadSize => (long)_decoder.Config.VocabularySize * _decoder.Config.HiddenSize;

    private IEnumerable<LinearWeight> DecoderWeights => _decoder.modules().OfType<LinearWeight>();

    /// <summary>A picture's way to visual tokens: seconds, and their number.</summary>
    public Task<(double Seconds, int Tokens)> SeeAsync() => model.Thread.RunAsync(() =>
    {
        VisualEmbedder visuals = model.Parts.Visuals;
        VisualSlot slot = visuals.Layout.Geometry.Read(
            Picture(1), new ImageProcessor(model.Plan.Processor), CancellationToken.None);
        PixelValues pixels = slot.Pixels;
        using Tensor input = tensor(
            pixels.Values, [pixels.Tiles, 3, pixels.Height, pixels.Width], ScalarType.Float32, CPU);
        const int Rounds = 5;
        return (MachineLimits.Median(Rounds, () => visuals.call(input).Dispose()), slot.Tokens);
    });

    /// <summary>Seconds that reading a prompt takes, the scores of its last token included.</summary>
    public Task<double> PrefillAsync() => model.Thread.RunAsync(() =>
    {
        using DisposeScope scope = NewDisposeScope();
        using KeyValueCache cache = NewCache();
        Read(cache, Math.Min(promptTokens, 64)); // The first product of each shape prepares libtorch.
        cache.Truncate(0);
        long start = Stopwatch.GetTimestamp();
        Read(cache, promptTokens);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    });

    /// <summary>
    /// The median of the seconds that a token of each of some requests takes, read behind a prompt; and the bandwidth
    /// at which the weights themselves are read between the tokens, in bytes a second (0 if the caches hold them).
    /// </summary>
    /// <remarks>
    /// A machine shared with others reads twice as fast in one minute as in the next: only what is measured at the same
    /// time can be compared.
    /// </remarks>
    public Task<(double Seconds, double ReadBandwidth)> DecodeAsync(int requests) => model.Thread.RunAsync(() =>
    {
        using DisposeScope scope = NewDisposeScope();
        using WorkerTeam team = new(get_num_threads());
        nint[] stripes = WeightStripes();
        int perRead = Math.Min(StripesPerRead, stripes.Length / 2);
        List<double> reads = [];
        KeyValueCache[] caches = [.. Enumerable.Range(0, requests).Select(_ => NewCache())];
        try
        {
            foreach (KeyValueCache cache in caches)
            {
                FillPast(cache);
            }

            DecoderBatch batch = new([.. caches.Select(cache => new CacheSpan(cache, 1, 1))]);
            const int WarmUp = 2;
            List<double> seconds = [];
            for (int token = -WarmUp; token < newTokens; token++)
            {
                long start = Stopwatch.GetTimestamp();
                Step(batch);
                if (token < 0)
                {
                    continue;
                }

                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                if (perRead == StripesPerRead)
                {
                    int first = token * perRead % (stripes.Length - perRead);
                    start = Stopwatch.GetTimestamp();
                    MachineLimits.Read(team, stripes.AsMemory(first, perRead));
                    reads.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            }

            double bandwidth = reads.Count == 0
                ? 0
                : (double)perRead * MachineLimits.StripeBytes / MachineLimits.Median(reads);
            return (MachineLimits.Median(seconds), bandwidth);
        }
        finally
        {
            Array.ForEach(caches, cache => cache.Dispose());
        }
    });

    /// <summary>Asks two questions about a new picture.</summary>
    public async Task<BenchmarkReport.AnswerPart> AskAsync(CancellationToken cancellation)
    {
        ImageInput picture = Picture(2);
        (double seconds, double first, int tokens) = await AskAsync("What is in this picture?", picture, cancellation);
        (double again, double firstAgain, int tokensAgain) =
            await AskAsync("Which colors does it have, and where?", picture, cancellation);
        return new BenchmarkReport.AnswerPart(seconds, first, tokens, again, firstAgain, tokensAgain);
    }

    /// <summary>A picture of noise.</summary>
    private static ImageInput Picture(int seed)
    {
        const int Width = 640, Height = 480;
        byte[] pixels = new byte[Width * Height * 3];
        new Random(seed).NextBytes(pixels);
        return ImageInput.FromPixels(Width, Height, pixels);
    }

    private async Task<(double Seconds, double First, int Tokens)> AskAsync(
        string question, ImageInput picture, CancellationToken cancellation)
    {
        GenerationOptions options = new() { MaxNewTokens = newTokens };
        long start = Stopwatch.GetTimestamp();
        double? first = null;
        int tokens = 0;
        await foreach (GenerationUpdate update in model.StreamAsync(
            new Prompt(question, picture), options, cancellation))
        {
            first ??= Stopwatch.GetElapsedTime(start).TotalSeconds;
            tokens += update.TokenIds.Count;
        }

        return (Stopwatch.GetElapsedTime(start).TotalSeconds, first!.Value, tokens);
    }

    /// <summary>The decoder's weights, cut up into what one thread reads in a row.</summary>
    private nint[] WeightStripes()
    {
        List<nint> stripes = [];
        foreach ((_, Tensor values) in DecoderWeights.SelectMany(weight => weight.Stored(string.Empty)))
        {
            long bytes = values.numel() * values.ElementSize;
            for (long start = 0; start + MachineLimits.StripeBytes <= bytes; start += MachineLimits.StripeBytes)
            {
                stripes.Add(TensorRows.Address(values) + (nint)start);
            }
        }

        return [.. stripes];
    }

    private KeyValueCache NewCache() =>
        new(_decoder.Config, promptTokens + newTokens + 2, _decoder.Type, _decoder.Device);

    /// <summary>
    /// Gives a cache a past of zeros: what it says does not matter, but memory that was never written is not there.
    /// </summary>
    private void FillPast(KeyValueCache cache)
    {
        DecoderConfig config = _decoder.Config;
        using Tensor past = zeros(
            [1, config.KeyValueHeads, promptTokens, config.HeadSize], _decoder.Type, _decoder.Device);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            using DisposeScope scope = NewDisposeScope();
            cache.Append(layer, past, past);
        }

        cache.Advance(promptTokens);
    }

    private void Read(KeyValueCache cache, int tokens)
    {
        for (int done = 0; done < tokens;)
        {
            using DisposeScope scope = NewDisposeScope();
            int chunk = Math.Min(ActiveRequest.PrefillChunk, tokens - done);
            Tensor embeddings = randn([chunk, _decoder.Config.HiddenSize], _decoder.Type, _decoder.Device);
            Tensor hidden = _decoder.call(embeddings, new DecoderBatch(cache, chunk));
            done += chunk;
            if (done == tokens)
            {
                _decoder.Score(hidden.narrow(0, chunk - 1, 1));
            }
        }
    }

    private void Step(DecoderBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] ids = [.. Enumerable.Range(3, batch.Tokens)];
        Tensor embedded = _decoder.Embed(tensor(ids, ScalarType.Int64, _decoder.Device));
        _decoder.ScoreToHost(_decoder.call(embedded, batch));
    }
}
