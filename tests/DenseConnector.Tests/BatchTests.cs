using System.Text.Json;

namespace DenseConnector.Tests;

/// <summary>Many requests at once against the same ones alone: the bundled model on its evaluation set.</summary>
public sealed class BatchTests
{
    private const int Questions = 32;

    public static TheoryData<Precision, Quantization, int> Rows => new()
    {
        { Precision.Float32, Quantization.None, 8 },
        { Precision.Float32, Quantization.None, 3 },
        { Precision.BFloat16, Quantization.None, 8 },
        { Precision.Float32, Quantization.Int8, 8 },
        { Precision.BFloat16, Quantization.Int8, 5 },
        { Precision.Float32, Quantization.Int4, 8 },
        { Precision.BFloat16, Quantization.Int4, 6 },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task GenerateBatchAsync_DifferentQuestions_GivesTheTokensOfEachAlone(
        Precision precision, Quantization quantization, int maxConcurrency)
    {
        await using DenseConnectorModel model = await LoadAsync(precision, maxConcurrency, quantization);
        Prompt[] prompts = await ReadPromptsAsync();
        int[][] alone = await AskOneByOneAsync(model, prompts);

        IReadOnlyList<GenerationResult> together = await model.GenerateBatchAsync(prompts);

        AssertSame(alone, together);
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public async Task GenerateAsync_ArrivingOneAfterTheOther_GivesTheTokensOfEachAlone(Precision precision)
    {
        await using DenseConnectorModel model = await LoadAsync(precision, 8);
        Prompt[] prompts = await ReadPromptsAsync();
        int[][] alone = await AskOneByOneAsync(model, prompts);

        // A new one comes whenever one under way has made its second token.
        List<Task<GenerationResult>> answers = [];
        foreach (Prompt prompt in prompts)
        {
            TaskCompletionSource underWay = new(TaskCreationOptions.RunContinuationsAsynchronously);
            answers.Add(DenseConnectorModel.CollectAsync(Watch(model.StreamAsync(prompt), underWay)));
            await underWay.Task;
        }

        AssertSame(alone, await Task.WhenAll(answers));
    }

    [Fact]
    public async Task GenerateAsync_BeamsAndSamplesAmongGreedyOnes_GivesTheTokensOfEachAlone()
    {
        await using DenseConnectorModel model = await LoadAsync(Precision.Float32, 8);
        Prompt[] prompts = (await ReadPromptsAsync())[..12];
        GenerationOptions[] options =
            [new(), new() { Beams = 3 }, new() { Temperature = 0.9f, Seed = 4 }, new() { Beams = 2, MaxNewTokens = 5 }];
        List<int[]> alone = [];
        for (int i = 0; i < prompts.Length; i++)
        {
            alone.Add([.. (await model.GenerateAsync(prompts[i], options[i % 4])).TokenIds]);
        }

        AssertSame(
            alone, await Task.WhenAll(prompts.Select((prompt, i) => model.GenerateAsync(prompt, options[i % 4]))));
    }

    private static Task<DenseConnectorModel> LoadAsync(
        Precision precision, int maxConcurrency, Quantization quantization = Quantization.None) =>
        DenseConnectorModel.LoadAsync(
            TestData.TinyModel,
            new ModelOptions
            {
                Precision = precision,
                Quantization = quantization,
                MaxConcurrency = maxConcurrency,
                PrefixCacheBytes = 0,
                VisualCacheBytes = 0,
            });

    /// <summary>Questions from all over the set, all different.</summary>
    private static async Task<Prompt[]> ReadPromptsAsync()
    {
        string folder = Path.Combine(TestData.Fixtures, "tiny-eval");
        string[] lines = await File.ReadAllLinesAsync(Path.Combine(folder, "answers.jsonl"));
        List<Prompt> prompts = [];
        for (int i = 0; i < Questions; i++)
        {
            JsonElement line = JsonDocument.Parse(lines[i * lines.Length / Questions]).RootElement;
            string image = Path.Combine(folder, "images", line.GetProperty("image").GetString()!);
            prompts.Add(new Prompt(line.GetProperty("prompt").GetString()!, await ImageInput.LoadAsync(image)));
        }

        return [.. prompts];
    }

    private static async Task<int[][]> AskOneByOneAsync(DenseConnectorModel model, IEnumerable<Prompt> prompts)
    {
        List<int[]> ids = [];
        foreach (Prompt prompt in prompts)
        {
            ids.Add([.. (await model.GenerateAsync(prompt)).TokenIds]);
        }

        return [.. ids];
    }

    private static async IAsyncEnumerable<GenerationUpdate> Watch(
        IAsyncEnumerable<GenerationUpdate> updates, TaskCompletionSource underWay)
    {
        int made = 0;
        await foreach (GenerationUpdate update in updates)
        {
            made += update.TokenIds.Count;
            if (made >= 2 || update.FinishReason is not null)
            {
                underWay.TrySetResult();
            }

            yield return update;
        }
    }

    private static void AssertSame(IReadOnlyList<int[]> alone, IReadOnlyList<GenerationResult> together)
    {
        int[] differing =
            [.. Enumerable.Range(0, alone.Count).Where(i => !alone[i].SequenceEqual(together[i].TokenIds))];
        Assert.True(
            differing.Length == 0, $"Of {alone.Count} answers these differ: {string.Join(", ", differing)}.");
    }
}
