using DenseConnector.Generation;
using DenseConnector.Text;

namespace DenseConnector.Tests.Generation;

public sealed class GenerationRequestTests
{
    private const int EndId = 2;

    private static readonly LoadedTokenizer Tokenizer = TokenizerLoader.Load(TestData.TinyModel);

    [Fact]
    public void Accept_EndToken_FinishesWithoutShowingIt()
    {
        int[] ids = [.. Ids("There are two shapes."), EndId];

        List<GenerationUpdate> updates = Answer(ids, 50);

        Assert.Equal("There are two shapes.", Text(updates));
        Assert.Equal(ids, updates.SelectMany(update => update.TokenIds));
        Assert.Equal(FinishReason.Stop, updates[^1].FinishReason);
        Assert.Equal(new TokenUsage(7, ids.Length), updates[^1].Usage);
    }

    [Fact]
    public void Accept_MostTokens_FinishesByLength()
    {
        int[] ids = Ids("There are two shapes.");

        List<GenerationUpdate> updates = Answer(ids, 3);

        Assert.Equal(ids[..3], updates.SelectMany(update => update.TokenIds));
        Assert.Equal(FinishReason.Length, updates[^1].FinishReason);
        Assert.Equal(3, updates[^1].Usage!.GeneratedTokens);
    }

    [Fact]
    public void Accept_UpdatesBeforeTheLast_HaveNoReasonAndNoUsage()
    {
        List<GenerationUpdate> updates = Answer(Ids("There are two shapes."), 4);

        Assert.True(updates.Count > 1);
        Assert.All(updates.SkipLast(1), update =>
        {
            Assert.Null(update.FinishReason);
            Assert.Null(update.Usage);
            Assert.NotEmpty(update.Text);
        });
    }

    [Theory]
    [InlineData("two", "There are ")]
    [InlineData("re two sh", "There a")]
    [InlineData("There", "")]
    public void Accept_StopSequence_EndsTheTextBeforeIt(string stop, string expected)
    {
        List<GenerationUpdate> updates = Answer(Ids("There are two shapes."), 50, stop);

        Assert.Equal(expected, Text(updates));
        Assert.Equal(FinishReason.Stop, updates[^1].FinishReason);
    }

    [Fact]
    public void Accept_StartOfAStopSequenceAtTheEnd_IsShown()
    {
        List<GenerationUpdate> updates = Answer([.. Ids("There are two shapes."), EndId], 50, "shapes. And");

        Assert.Equal("There are two shapes.", Text(updates));
    }

    [Theory]
    [InlineData(null, "There are two shapes.", FinishReason.Stop)]
    [InlineData("two", "There are ", FinishReason.Stop)]
    public void Deliver_WholeAnswer_IsSentAsIfMadeTokenByToken(string? stop, string expected, FinishReason reason)
    {
        GenerationRequest request = Make(50, stop is null ? [] : [stop]);

        request.Deliver([.. Ids("There are two shapes."), EndId]);

        List<GenerationUpdate> updates = [];
        while (request.Updates.TryRead(out GenerationUpdate? update))
        {
            updates.Add(update);
        }

        Assert.Equal(expected, Text(updates));
        Assert.Equal(reason, updates[^1].FinishReason);
        Assert.True(request.Updates.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public void Fail_AfterSomeText_ArrivesBehindIt()
    {
        GenerationRequest request = Make(50);
        int[] ids = Ids("There");
        foreach (int id in ids)
        {
            request.Accept(Logits(id), out _);
        }

        request.Fail(new InvalidDataException("broken"));

        Assert.True(request.Updates.TryRead(out GenerationUpdate? first));
        Assert.NotEmpty(first.Text);
        while (request.Updates.TryRead(out _))
        {
        }

        Assert.IsType<InvalidDataException>(request.Updates.Completion.Exception!.InnerException);
    }

    private static List<GenerationUpdate> Answer(int[] ids, int maxNewTokens, params string[] stop)
    {
        GenerationRequest request = Make(maxNewTokens, stop);
        foreach (int id in ids)
        {
            bool more = request.Accept(Logits(id), out int chosen);
            Assert.Equal(id, chosen);
            if (!more)
            {
                break;
            }
        }

        List<GenerationUpdate> updates = [];
        while (request.Updates.TryRead(out GenerationUpdate? update))
        {
            updates.Add(update);
        }

        Assert.True(request.Updates.Completion.IsCompletedSuccessfully);
        return updates;
    }

    private static GenerationRequest Make(int maxNewTokens, params string[] stop) => new(
        new GenerationInput([1], [], PromptTokens: 7, maxNewTokens, VocabularySize: 1024),
        new Sampler(new GenerationOptions(), beginId: 1),
        Tokenizer.CreateDecoder(),
        new StopCondition(new HashSet<int> { EndId }, stop),
        CancellationToken.None);

    private static string Text(IEnumerable<GenerationUpdate> updates) =>
        string.Concat(updates.Select(update => update.Text));

    private static int[] Ids(string text) =>
        [.. Tokenizer.Tokenizer.EncodeToIds(text).Where(id => id != Tokenizer.BosId)];

    /// <summary>Logits that make one token the most likely.</summary>
    private static float[] Logits(int id)
    {
        float[] logits = new float[1024];
        logits[id] = 1;
        return logits;
    }
}
