using System.Text;
using BenchmarkDotNet.Attributes;
using DenseConnector.Text;

namespace DenseConnector.Benchmarks.Text;

/// <summary>Text to ids.</summary>
public class EncodeBenchmarks : IHasThroughput
{
    private CheckpointTokenizer _tokenizer = null!;

    [ParamsSource(nameof(Vocabularies))]
    public Vocabulary Vocabulary { get; set; } = null!;

    public static IEnumerable<Vocabulary> Vocabularies => Vocabulary.All;

    public long Bytes => Encoding.UTF8.GetByteCount(Vocabulary.Prose);

    [GlobalSetup]
    public void SetUp() => _tokenizer = Vocabulary.Load();

    [Benchmark]
    public int Encode() => _tokenizer.EncodeToIds(Vocabulary.Prose).Count;
}
