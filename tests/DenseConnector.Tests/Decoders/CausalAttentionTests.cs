using DenseConnector.Configuration;
using DenseConnector.Decoders;
using DenseConnector.Loading;
using DenseConnector.Tests.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests.Decoders;

public sealed class CausalAttentionTests : TensorTest
{
    private const string Prefix = "model.layers.0.self_attn.";

    [Theory]
    [InlineData(4, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public void Forward_RandomWeights_EqualsTheFormula(int keyValueHeads, bool bias)
    {
        DecoderConfig config = TinyLlama.Config(keyValueHeads) with { QueryKeyValueBias = bias, OutputBias = bias };
        Dictionary<string, WeightFile.Weight> weights = Weights(config);
        Tensor input = TinyLlama.Input(5);

        Tensor attended = Attend(config, weights, input);

        float[] expected = Formula(config, weights, input.data<float>().ToArray(), 5);
        float[] actual = attended.data<float>().ToArray();
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
    }

    [Fact]
    public void Forward_ZeroBiases_EqualNone()
    {
        DecoderConfig plain = TinyLlama.Config();
        DecoderConfig biased = plain with { QueryKeyValueBias = true, OutputBias = true };
        Dictionary<string, WeightFile.Weight> weights = Weights(plain);
        Tensor without = Attend(plain, weights, TinyLlama.Input(4));
        foreach ((string name, WeightFile.Weight weight) in weights.ToList())
        {
            weights.Add(
                name.Replace(".weight", ".bias", StringComparison.Ordinal),
                new WeightFile.Weight([weight.Shape[0]], new float[weight.Shape[0]]));
        }

        Assert.True(Attend(biased, weights, TinyLlama.Input(4)).allclose(without));
    }

    [Fact]
    public void Constructor_BiasAskedForAndAbsent_IsMissed()
    {
        DecoderConfig plain = TinyLlama.Config();

        CheckpointException error = Assert.Throws<CheckpointException>(
            () =>
                Attend(plain with { QueryKeyValueBias = true, OutputBias = true }, Weights(plain), TinyLlama.Input(1)));

        Assert.Contains(
            $"4 missing: '{Prefix}q_proj.bias' [32]; '{Prefix}k_proj.bias' [16]; ",
            error.Message,
            StringComparison.Ordinal);
    }

    private static Dictionary<string, WeightFile.Weight> Weights(DecoderConfig config) => TinyLlama.Weights(config)
        .Where(weight => weight.Key.StartsWith(Prefix, StringComparison.Ordinal)).ToDictionary();

    private static Tensor Attend(DecoderConfig config, Dictionary<string, WeightFile.Weight> weights, Tensor input)
    {
        using WeightFolder folder = new(new WeightFile().Add(weights));
        using RotaryEmbedding rotary = new(config, config.HeadSize, ScalarType.Float32, CPU);
        WeightScope scope = new WeightScope(folder.Checkpoint, ScalarType.Float32, CPU).At(Prefix.TrimEnd('.'));
        using CausalAttention attention = new(scope, config, rotary, layer: 0);
        folder.Checkpoint.ThrowIfIncomplete();
        using KeyValueCache cache = new(config, (int)input.shape[0], ScalarType.Float32, CPU);
        return attention.call(input, new DecoderBatch(cache, (int)input.shape[0]));
    }

    /// <summary>Softmax attention in plain numbers, one query at a time.</summary>
    private static float[] Formula(
        DecoderConfig config, Dictionary<string, WeightFile.Weight> weights, float[] input, int tokens)
    {
        int size = config.HeadSize;
        double[][] query = Project("q_proj", Split(Array.ConvertAll(input, value => (double)value), 32));
        double[][] key = Project("k_proj", Split(Array.ConvertAll(input, value => (double)value), 32));
        double[][] value = Project("v_proj", Split(Array.ConvertAll(input, value => (double)value), 32));
        double[][] joined = new double[tokens][];
        for (int token = 0; token < tokens; token++)
        {
            joined[token] = new double[config.Heads * size];
            for (int head = 0; head < config.Heads; head++)
            {
                int shared = head / (config.Heads / config.KeyValueHeads);
                double[] turned = Rotate(query[token].AsSpan(head * size, size), token, config.RopeTheta);
                double[] scores = [.. Enumerable.Range(0, token + 1).Select(past => Math.Exp(Dot(
                    turned, Rotate(key[past].AsSpan(shared * size, size), past, config.RopeTheta)) / Math.Sqrt(size)))];
                for (int channel = 0; channel < size; channel++)
                {
                    joined[token][(head * size) + channel] = Enumerable.Range(0, token + 1).Sum(
                        past => scores[past] * value[past][(shared * size) + channel]) / scores.Sum();
                }
            }
        }

        return [.. Project("o_proj", joined).SelectMany(row => row).Select(number => (float)number)];

        double[][] Project(string name, double[][] rows)
        {
            WeightFile.Weight matrix = weights[$"{Prefix}{name}.weight"];
            float[]? bias = weights.GetValueOrDefault($"{Prefix}{name}.bias")?.Values;
            double[][] columns = Split(Array.ConvertAll(matrix.Values, number => (double)number), (int)matrix.Shape[1]);
            return [.. rows.Select(row => columns.Select((column, i) => Dot(row, column) + (bias?[i] ?? 0)).ToArray())];
        }
    }

    private static double[] Rotate(ReadOnlySpan<double> head, int position, double theta)
    {
        int half = head.Length / 2;
        double[] turned = new double[head.Length];
        for (int i = 0; i < half; i++)
        {
            (double sine, double cosine) = Math.SinCos(position * Math.Pow(theta, -2.0 * i / head.Length));
            turned[i] = (head[i] * cosine) - (head[i + half] * sine);
            turned[i + half] = (head[i + half] * cosine) + (head[i] * sine);
        }

        return turned;
    }

    private static double[][] Split(double[] values, int width) => [.. values.Chunk(width)];

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
