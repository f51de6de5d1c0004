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
    /// <param name="choices">Gets the probabilities of choices, if answers are the likeliest of them.</param>
    /// <param name="advance">Called after each question.</param>
    /// <param name="cancellation">Ends the run.</param>
    public async Task RunAsync(
        IReadOnlyList<EvaluationItem> items,
        int first,
        AnswerFile answers,
        FailureFile failures,
        ChoiceFile? choices,
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
                // Before the answer: a question with an answer is not asked again.
                if (outcome.Choices is IReadOnlyDictionary<string, double> scored)
                {
                    choices?.Append(first + outcome.Index, items[outcome.Index], scored);
                }

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
            return new Loaded(item.Visual switch
            {
                null => [],
                PictureSource picture when benchmark.PadsUnconverted =>
                    [await picture.LoadUnconvertedAsync(model.Plan, cancellation)],
                VisualSource source => [await source.LoadAsync(cancellation)],
            });
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
            if (scoresChoices && item.Choices.Count > 0)
            {
                Prompt asked = new(item.Questions[0], loaded.Visuals);
                IReadOnlyDictionary<string, double> choices = await ScoreAsync(asked, item.Choices, cancellation);

                // The first of equal ones.
                return new Outcome(index, [choices.MaxBy(choice => choice.Value).Key]) { Choices = choices };
            }

            List<string> texts = [];
            foreach (string question in item.Questions)
            {
                Prompt prompt = new(question, loaded.Visuals);
                texts.Add(benchmark.Clean((await model.GenerateAsync(prompt, options, cancellation)).Text));
            }

            return new Outcome(index, texts);
        }
        catch (Exception e) when (e is ArgumentException or CheckpointException or ContextLengthException)
        {
            return new Outcome(index, null, e.Message);
        }
    }

    private async Task<IReadOnlyDictionary<string, double>> ScoreAsync(
        Prompt prompt, IReadOnlyList<string> choices, CancellationToken cancellation)
    {
        OrderedDictionary<string, double> scores = [];
        foreach (string choice in choices)
        {
            // One after the other: each finds what the one before it has read in the cache.
            scores[choice] = await model.ScoreAsync(prompt, choice, cancellation);
        }

        return scores;
    }

    private sealed record Loaded(VisualInput[] Visuals, string? Error = null);
}
