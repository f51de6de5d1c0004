using System.Text.Json;
using DenseConnector.Cli.Evaluation;

namespace DenseConnector.Cli.Tests.Evaluation;

[Trait("Suite", "Evaluation")]
public sealed class ChunkingTests
{
    [Fact]
    public void Find_EveryRow_EqualsTheOfficialRanges()
    {
        foreach (JsonElement row in EvaluationData.Rows("chunking.jsonl"))
        {
            int items = row.GetProperty("items").GetInt32();
            int chunks = row.GetProperty("num_chunks").GetInt32();
            HashSet<int> raising =
                [.. row.GetProperty("chunk_idx_that_raise").EnumerateArray().Select(x => x.GetInt32())];
            for (int index = 0; index < chunks; index++)
            {
                if (raising.Contains(index))
                {
                    Assert.Throws<ArgumentException>(() => Chunking.Find(items, chunks, index));
                    continue;
                }

                JsonElement range = row.GetProperty("ranges")[index];
                Assert.Equal(range[0].GetInt32()..range[1].GetInt32(), Chunking.Find(items, chunks, index));
            }
        }
    }

    [Fact]
    public void Find_OfGqa_SplitsAsTheOfficialRuns()
    {
        string[] ids = [.. EvaluationData.Rows("gqa", "llava_gqa_testdev_balanced.jsonl")
            .Select(question => question.Text("question_id"))];
        foreach (JsonProperty chunk in EvaluationData.Value("gqa", "expected_chunks_of_8.json").EnumerateObject())
        {
            int index = int.Parse(chunk.Name, System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(
                chunk.Value.EnumerateArray().Select(id => id.GetString()), ids[Chunking.Find(ids.Length, 8, index)]);
        }
    }

    [Fact]
    public void Take_QuestionsAskedInRounds_SplitsTheQuestions()
    {
        Benchmark benchmark = Goldens.Find("mmbench-all-rounds");
        BenchmarkData data = new(benchmark, EvaluationData.File("mmbench"));
        IReadOnlyList<EvaluationItem> all = benchmark.Read(data);
        List<EvaluationItem> taken = [];
        for (int index = 0; index < 3; index++)
        {
            (int first, EvaluationItem[] items) = Chunking.Take(all, data, 3, index);
            Assert.Equal(taken.Count, first);
            Assert.Equal(
                Enumerable.Range(0, data.Entries!.Value).Take(Chunking.Find(data.Entries.Value, 3, index)),
                items.Select(item => item.Entry!.Value).Distinct());
            taken.AddRange(items);
        }

        Assert.Equal(all, taken);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    [InlineData(2, -1)]
    public void Find_NoSuchChunk_IsRefused(int chunks, int index) =>
        Assert.Throws<ArgumentException>(() => Chunking.Find(10, chunks, index));
}
