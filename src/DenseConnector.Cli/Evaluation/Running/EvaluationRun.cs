namespace DenseConnector.Cli.Evaluation.Running;

/// <summary>
/// Asks a model the questions of a benchmark, several at once, and writes the answers in their order.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="benchmark">The benchmark.</param>
/// <param name="generation">How answers are made; one that draws gets a seed of its own for each question.</param>
/// <param name="scoresChoices">
/// Whether a question with choices is answered by the one that the model finds likeliest; no official rule does so.
/// </param>
/// <param name="batch">Questions at once.</param>
internal sealed class EvaluationRun(
    DenseConnectorModel model, Benchmark benchmark, GenerationOptions generation, bool scoresChoices, int batch)
{
    /// <summary>Asks what has no answer yet.</summary>
    /// <param name="items">The questions of the run; answers there are to more than these stay.</param>
    /// <param name="first">The place of the first of them among all questions.</param>
    /// <param name="answers">Gets the answers.</param>
    /// <param name="failures">Gets the questions that cannot be answered.</param>
    /// <param name="advance">Called after each question.</param>
    /// <param name="cancellation">Ends the run.</param>
    public async Task RunAsync(
        IReadOnlyList<EvaluationItem> items,
        int first,
        AnswerFile answers,
        FailureFile failures,
        Action<Outcome> advance,
        CancellationToken cancellation)
    {
        OrderedWork<int, Loaded, Outcome> work = new(
            batch,
            (index, token) => LoadAsync(items[index], token),
            (index, loaded, token) => AskAsync(items[index], index, first, loaded, token));

        // What failed before stands between answers: its lines are put in place together.
        Dictionary<int, IReadOnlyList<string>> mended = [];
        await work.RunAsync(
            answers.Gaps.Where(index => index < items.Count),
            outcome => Take(outcome, texts => mended.Add(outcome.Index, texts)),
            cancellation);
        if (mended.Count > 0)
        {
            answers.Fill(mended);
        }

        await work.RunAsync(
            Enumerable.Range(answers.Next, Math.Max(0, items.Count - answers.Next)),
            outcome => Take(outcome, texts => answers.Append(outcome.Index, texts)),
            cancellation);

        void Take(Outcome outcome, Action<IReadOnlyList<string>> write)
        {
            if (outcome.Texts is IReadOnlyList<string> texts)
            {
                write(texts);
            }
            else
            {
                failures.Append(items[outcome.Index], first + outcome.Index, outcome.Error!);
            }

            advance(outcome);
        }
    }

    private async Task<Loaded> LoadAsync(EvaluationItem item, CancellationToken cancellation)
    {
        try
        {
            return new Loaded(
                item.Visual is VisualSource source ? [await source.LoadForAsync(model.Plan, cancellation)] : []);
        }
        catch (Exception e) when (e is InvalidImageException or IOException or UnauthorizedAccessException)
        {
            return new Loaded([], e.Message);
        }
    }

    private async Task<Outcome> AskAsync(
        EvaluationItem item, int index, int first, Loaded loaded, CancellationToken cancellation)
    {
        if (loaded.Error is not null)
        {
            return new Outcome(index, null, loaded.Error);
        }

        // Drawn answers differ from question to question, and are the same whenever a run is repeated.
        GenerationOptions options = generation.Temperature > 0
            ? generation with { Seed = generation.Seed.GetValueOrDefault() + first + index }
            : generation;
        try
        {
            List<string> texts = [];
            foreach (string question in item.Questions)
            {
                Prompt prompt = new(question, loaded.Visuals);
                texts.Add(scoresChoices && item.Choices.Count > 0
                    ? await ChooseAsync(prompt, item.Choices, cancellation)
                    : benchmark.Clean((await model.GenerateAsync(prompt, options, cancellation)).Text));
            }

            return new Outcome(index, texts);
        }
        catch (Exception e) when (e is ArgumentException or CheckpointException or ContextLengthException)
        {
            return new Outcome(index, null, e.Message);
        }
    }

    /// <summary>The likeliest choice; the first of equal ones.</summary>
    private async Task<string> ChooseAsync(
        Prompt prompt, IReadOnlyList<string> choices, CancellationToken cancellation)
    {
        List<(string Choice, double Score)> scores = [];
        foreach (string choice in choices)
        {
            // One after the other: each finds what the one before it has read in the cache.
            scores.Add((choice, await model.ScoreAsync(prompt, choice, cancellation)));
        }

        return scores.MaxBy(score => score.Score).Choice;
    }

    private sealed record Loaded(VisualInput[] Visuals, string? Error = null);
}
