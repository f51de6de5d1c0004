using System.Globalization;
using System.Text.Json;
using DenseConnector.Cli.Evaluation.Python;

namespace DenseConnector.Cli.Tests.Evaluation.Python;

[Trait("Suite", "Evaluation")]
public sealed class PythonRandomTests
{
    private readonly JsonElement _recorded = EvaluationData.Value("mmmu", "python_random_seed42.json");

    [Fact]
    public void NextWord_Seed42_DrawsTheRecordedWords()
    {
        PythonRandom random = new(42);
        uint[] expected = [.. _recorded.GetProperty("first_32_bits_words").EnumerateArray().Select(w => w.GetUInt32())];
        Assert.Equal(expected, expected.Select(_ => random.NextWord()));
    }

    [Fact]
    public void Choice_Seed42_DrawsTheRecordedSequences()
    {
        JsonProperty[] sequences = [.. _recorded.GetProperty("choice_sequences").EnumerateObject()];
        Assert.NotEmpty(sequences);
        foreach (JsonProperty sequence in sequences)
        {
            int count = int.Parse(sequence.Name, CultureInfo.InvariantCulture);
            Assert.Equal(sequence.Value.Texts(), Draw(42, count, sequence.Value.GetArrayLength()));
        }
    }

    [Fact]
    public void Choice_Seed7_DrawsTheRecordedSequence()
    {
        string[] expected = _recorded.GetProperty("seed_7").Texts();
        Assert.Equal(expected, Draw(7, 4, expected.Length));
    }

    [Fact]
    public void NextWord_BeyondTheState_RenewsIt()
    {
        // The state of 624 words is renewed twice; the word is what CPython 3.11 draws.
        PythonRandom random = new(42);
        for (int i = 0; i < 1300; i++)
        {
            random.NextWord();
        }

        Assert.Equal(791835934u, random.NextWord());
    }

    [Fact]
    public void Choice_Nothing_Throws() =>
        Assert.Throws<ArgumentException>(() => new PythonRandom(42).Choice(Array.Empty<string>()));

    private static IEnumerable<string> Draw(int seed, int count, int draws)
    {
        PythonRandom random = new(seed);
        string[] letters = [.. Enumerable.Range('A', count).Select(letter => ((char)letter).ToString())];
        return Enumerable.Range(0, draws).Select(_ => random.Choice(letters));
    }
}
