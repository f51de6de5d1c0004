using System.Text.Json;
using Xunit.Abstractions;

namespace DenseConnector.Tests.TinyEval;

/// <summary>
/// What rounding costs: the bundled model's answers in every format of its weights, beside those the official code gave
/// in float32.
/// </summary>
/// <remarks>
/// Seen were 360 of 360 equal in bfloat16 and int8, and 357 in int4; the bounds leave room for another order of sums on
/// other processors. The model is tiny (width 128), so that rounding hits it harder than a large one: a group of 32 is
/// a quarter of a row.
/// </remarks>
public sealed class FormatTests(ITestOutputHelper output)
{
    private const int Questions = 360;

    [Theory]
    [InlineData(Precision.Float32, Quantization.Int8, 357, 337)]
    [InlineData(Precision.BFloat16, Quantization.None, 357, 337)]
    [InlineData(Precision.BFloat16, Quantization.Int8, 357, 337)]
    [InlineData(Precision.BFloat16, Quantization.Int4, 345, 325)]
    public async Task Answers_OfEachFormat_AreNearlyAsGood(
        Precision precision, Quantization quantization, int leastEqual, int leastRight)
    {
        (Prompt Prompt, string Answer, string Truth)[] cases = await ReadAsync();
        await using DenseConnectorModel model = await LoadAsync(precision, quantization);

        IReadOnlyList<GenerationResult> answers = await model.GenerateBatchAsync(
            [.. cases.Select(one => one.Prompt)]);

        int equal = answers.Zip(cases).Count(pair => pair.First.Text == pair.Second.Answer);
        int right = answers.Zip(cases).Count(pair => pair.First.Text == pair.Second.Truth);
        output.WriteLine($"{equal} of {cases.Length} equal to those in float32, {right} right");
        Assert.Equal(Questions, cases.Length);
        Assert.InRange(equal, leastEqual, Questions);
        Assert.InRange(right, leastRight, Questions);
    }

    private static Task<DenseConnectorModel> LoadAsync(Precision precision, Quantization quantization) =>
        DenseConnectorModel.LoadAsync(
            TestData.TinyModel,
            new ModelOptions { Precision = precision, Quantization = quantization, PrefixCacheBytes = 0 });

    private static async Task<(Prompt Prompt, string Answer, string Truth)[]> ReadAsync()
    {
        string folder = TestData.TinyEvalFolders[0];
        List<(Prompt, string, string)> cases = [];
        foreach (string line in await File.ReadAllLinesAsync(Path.Combine(folder, "answers.jsonl")))
        {
            JsonElement one = JsonDocument.Parse(line).RootElement;
            ImageInput image = await ImageInput.LoadAsync(
                Path.Combine(folder, "images", one.GetProperty("image").GetString()!));
            cases.Add((
                new Prompt(one.GetProperty("prompt").GetString()!, image),
                one.GetProperty("text").GetString()!,
                one.GetProperty("ground_truth").GetString()!));
        }

        return [.. cases];
    }
}
