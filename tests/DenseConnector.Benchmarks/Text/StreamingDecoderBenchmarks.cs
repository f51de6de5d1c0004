using System.Text;
using BenchmarkDotNet.Attributes;
using DenseConnector.Text;

namespace DenseConnector.Benchmarks.Text;

/// <summary>Ids to text, one by one.</summary>
public class StreamingDecoderBenchmarks : IHasThroughput
{
    private CheckpointTokenizer _tokenizer = null!;
    private IReadOnlyList<int> _ids = [];

    [ParamsSource(nameof(Vocabularies))]
    public Vocabulary Vocabulary { get; set; } = null!;

    public static IEnumerable<Vocabulary> Vocabularies => Vocabulary.All;

    public long Bytes => Encoding.UTF8.GetByteCount(Vocabulary.Prose);

    [GlobalSetup]
    public void SetUp()
    {
        _tokenizer = Vocabulary.Load();
        _ids = _tokenizer.EncodeToIds(Vocabulary.Prose);
    }

    [Benchmark]
    public int Decode()
    {
        StreamingDecoder decoder = _tokenizer.CreateDecoder();
        return _ids.Sum(id => decoder.Append(id).Length) + decoder.Flush().Length;
    }
}
