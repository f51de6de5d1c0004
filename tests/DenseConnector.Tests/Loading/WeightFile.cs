using System.Runtime.InteropServices;

namespace DenseConnector.Tests.Loading;

/// <summary>Puts a checkpoint's weights together tensor by tensor and writes them as one safetensors file.</summary>
internal sealed class WeightFile
{
    private readonly List<string> _entries = [];
    private readonly List<byte> _data = [];

    /// <summary>Adds a tensor of any type.</summary>
    public WeightFile Add(string name, string type, long[] shape, params byte[] bytes)
    {
        string dimensions = $"[{string.Join(',', shape)}]";
        _entries.Add(SafetensorsBytes.Entry(name, type, dimensions, _data.Count, _data.Count + bytes.Length));
        _data.AddRange(bytes);
        return this;
    }

    /// <summary>Adds a float32 tensor.</summary>
    public WeightFile Add(string name, long[] shape, params float[] values) =>
        Add(name, "F32", shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>Adds a float32 vector of zeros.</summary>
    public WeightFile Add(string name, int length) => Add(name, [length], new float[length]);

    /// <summary>Adds float32 tensors.</summary>
    public WeightFile Add(IEnumerable<KeyValuePair<string, Weight>> weights)
    {
        foreach ((string name, Weight weight) in weights)
        {
            Add(name, weight.Shape, weight.Values);
        }

        return this;
    }

    /// <summary>Writes <c>model.safetensors</c>.</summary>
    public void Save(string folder)
    {
        byte[] header = System.Text.Encoding.UTF8.GetBytes($"{{{string.Join(',', _entries)}}}");
        File.WriteAllBytes(
            Path.Combine(folder, "model.safetensors"), SafetensorsBytes.Of(header, CollectionsMarshal.AsSpan(_data)));
    }

    /// <summary>A float32 tensor.</summary>
    public sealed record Weight(long[] Shape, float[] Values)
    {
        /// <summary>Values between plus and minus <paramref name="scale"/>, the same for the same generator.</summary>
        public static Weight Random(Random random, float scale, params long[] shape) =>
            new(shape, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, length) => product * length))
                .Select(_ => scale * ((2 * random.NextSingle()) - 1))]);
    }
}
