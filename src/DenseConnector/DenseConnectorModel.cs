using System.Runtime.CompilerServices;
using System.Text;
using DenseConnector.Configuration;
using DenseConnector.Generation;
using DenseConnector.Imaging;
using DenseConnector.Loading;
using DenseConnector.Multimodal;
using DenseConnector.Text;
using TorchSharp;

namespace DenseConnector;

/// <summary>A loaded vision-language model: a picture and a question in, the answer streamed out.</summary>
/// <remarks>
/// Thread-safe: any number of requests may run at the same time. The model's tensors live on one thread of its own.
/// Dispose it to free its memory; answers under way then fail with <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed class DenseConnectorModel : IAsyncDisposable
{
    private readonly InferenceThread _thread;
    private readonly Scheduler _scheduler;
    private readonly ModelPlan _plan;
    private readonly ModelParts _parts;
    private readonly ImageProcessor _images;
    private readonly PromptEncoder _prompts;
    private readonly LongPrompts _longPrompts;
    private readonly TextPlan _text;
    private int _disposed;

    private DenseConnectorModel(
        InferenceThread thread, ModelPlan plan, TextPlan text, ModelParts parts, ModelOptions options)
    {
        _thread = thread;
        _plan = plan;
        _text = text;
        _parts = parts;
        Info = Describe(plan, text, parts);
        _images = new ImageProcessor(plan.Processor);
        _prompts = new PromptEncoder(text.Tokenizer);
        _longPrompts = options.LongPrompts;
        _scheduler = new Scheduler(
            parts.Decoder,
            parts.Visuals,
            options.MaxConcurrency,
            options.PrefixCacheBytes,
            options.VisualCacheBytes);
        thread.Step = _scheduler.Step;
    }

    /// <summary>What was loaded.</summary>
    public ModelInfo Info { get; }

    /// <summary>What its configuration files say.</summary>
    internal ModelPlan Plan => _plan;

    /// <summary>The modules; tests look inside through them, on the inference thread only.</summary>
    internal ModelParts Parts => _parts;

    /// <summary>Who shares the model among requests; tests look at its caches, on the inference thread only.</summary>
    internal Scheduler Scheduler => _scheduler;

    /// <summary>The thread tensors may be touched on.</summary>
    internal InferenceThread Thread => _thread;

    /// <summary>Loads a model.</summary>
    /// <param name="model">
    /// The folder of a checkpoint (<c>config.json</c>, safetensors, tokenizer), a name of the catalog, or a repository
    /// of the hub (<c>owner/name</c>), which is downloaded unless the cache has it.
    /// </param>
    /// <param name="options">How it is loaded and run; <c>null</c> for the defaults.</param>
    /// <param name="progress">Told how far downloads have come, and after each tensor how far the load has.</param>
    /// <param name="cancellationToken">
    /// Ends a download, which the next one continues, or the load between two tensors; no memory stays taken.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty, or an option names what does not exist.</exception>
    /// <exception cref="CheckpointException">
    /// The model is not found, or its weights or tokenizer are missing or damaged.
    /// </exception>
    /// <exception cref="HubException">The model cannot be downloaded and is not in the cache.</exception>
    /// <exception cref="ModelConfigException">A configuration file asks for what is not supported.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded, or the device is not available.</exception>
    public static async Task<DenseConnectorModel> LoadAsync(
        string model,
        ModelOptions? options = null,
        IProgress<LoadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        options ??= new ModelOptions();
        (ModelPlan plan, TextPlan text) = await Task.Run(
            async () =>
            {
                DownloadReporter? downloads = progress is null ? null : new DownloadReporter(progress);
                ResolvedModel found = await ModelResolver.ResolveAsync(
                    model, options, downloads, cancellationToken).ConfigureAwait(false);

                // libtorch takes longer to load than all these files. It is waited for in any case: a process that ends
                // while libraries start may crash. What is wrong with the files is told first.
                Task native = Task.Run(NativeLibraries.TryLoad, CancellationToken.None);
                ModelPlan read;
                TextPlan readText;
                try
                {
                    read = ModelPlan.Read(found.Folder, found.Options);
                    readText = TextPlan.Read(read.Folder, read.Config, options);
                }
                finally
                {
                    await native.ConfigureAwait(false);
                }

                NativeLibraries.EnsureLoaded();
                return (read, readText);
            },
            cancellationToken).ConfigureAwait(false);

        return await StartAsync(
            plan, text, options, () => Build(plan, options, progress, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>
    /// Starts a model whose parts a function builds, which is called on the model's inference thread.
    /// </summary>
    internal static async Task<DenseConnectorModel> StartAsync(
        ModelPlan plan, TextPlan text, ModelOptions options, Func<ModelParts> build)
    {
        InferenceThread thread = new();
        try
        {
            return await thread.RunAsync(
                () => new DenseConnectorModel(thread, plan, text, build(), options)).ConfigureAwait(false);
        }
        catch
        {
            thread.Stop();
            throw;
        }
    }

    /// <summary>Answers a question.</summary>
    /// <param name="prompt">The question and what to look at.</param>
    /// <param name="options">How the answer is made; <c>null</c> for the defaults (greedy).</param>
    /// <param name="cancellationToken">Ends the request between two tokens, prefill chunks or pictures.</param>
    /// <exception cref="ArgumentException">
    /// The prompt is empty, or its image marks and pictures differ in number.
    /// </exception>
    /// <exception cref="CheckpointException">The prompt holds a token the model has no embedding for.</exception>
    /// <exception cref="ContextLengthException">The prompt is longer than the model can read.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public Task<GenerationResult> GenerateAsync(
        Prompt prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        CollectAsync(StreamAsync(prompt, options, cancellationToken));

    /// <summary>Answers several questions; they share the model as requests made at the same time do.</summary>
    /// <param name="prompts">The questions and what to look at.</param>
    /// <param name="options">How the answers are made; <c>null</c> for the defaults (greedy).</param>
    /// <param name="cancellationToken">Ends all of them between two tokens, prefill chunks or pictures.</param>
    /// <returns>The answers in the order of the prompts.</returns>
    /// <exception cref="ArgumentException">
    /// A prompt is empty, or its image marks and pictures differ in number.
    /// </exception>
    /// <exception cref="CheckpointException">A prompt holds a token the model has no embedding for.</exception>
    /// <exception cref="ContextLengthException">A prompt is longer than the model can read.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public async Task<IReadOnlyList<GenerationResult>> GenerateBatchAsync(
        IReadOnlyList<Prompt> prompts, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        IAsyncEnumerable<GenerationUpdate>[] streams =
            [.. prompts.Select(prompt => StreamAsync(prompt, options, cancellationToken))];
        return await Task.WhenAll(streams.Select(CollectAsync)).ConfigureAwait(false);
    }

    /// <summary>Answers a question piece by piece, as the tokens are made.</summary>
    /// <remarks>
    /// Leaving the loop early ends the request. A beam search (<see cref="GenerationOptions.Beams"/>) gives its text at
    /// the end.
    /// </remarks>
    /// <param name="prompt">The question and what to look at.</param>
    /// <param name="options">How the answer is made; <c>null</c> for the defaults (greedy).</param>
    /// <param name="cancellationToken">Ends the request between two tokens, prefill chunks or pictures.</param>
    /// <exception cref="ArgumentException">
    /// The prompt is empty, or its image marks and pictures differ in number.
    /// </exception>
    /// <exception cref="CheckpointException">The prompt holds a token the model has no embedding for.</exception>
    /// <exception cref="ContextLengthException">The prompt is longer than the model can read.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public IAsyncEnumerable<GenerationUpdate> StreamAsync(
        Prompt prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        string text = PlaceMarks(prompt);
        return StreamAsync([new ChatTurn(ChatRole.User, text)], prompt.Visuals, options, cancellationToken);
    }

    /// <summary>Continues a dialogue: the last turn is the user's; marks stand in the texts.</summary>
    internal IAsyncEnumerable<GenerationUpdate> StreamAsync(
        IReadOnlyList<ChatTurn> turns,
        IReadOnlyList<VisualInput> visuals,
        GenerationOptions? options,
        CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return StreamCoreAsync(turns, visuals, options ?? new GenerationOptions(), cancellationToken);
    }

    /// <summary>Gathers a streamed answer.</summary>
    internal static async Task<GenerationResult> CollectAsync(IAsyncEnumerable<GenerationUpdate> updates)
    {
        StringBuilder text = new();
        List<int> ids = [];
        GenerationUpdate last = new(string.Empty);
        await foreach (GenerationUpdate update in updates.ConfigureAwait(false))
        {
            text.Append(update.Text);
            ids.AddRange(update.TokenIds);
            last = update;
        }

        return new GenerationResult(text.ToString(), last.FinishReason!.Value, last.Usage!) { TokenIds = ids };
    }

    /// <summary>Frees the model's memory and ends its thread; answers under way fail.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _thread.Post(() =>
            {
                _scheduler.Dispose();
                _parts.Dispose();
            });
            _thread.Stop();
        }

        await _thread.Ended.ConfigureAwait(false);
    }

    private static ModelParts Build(
        ModelPlan plan,
        ModelOptions options,
        IProgress<LoadProgress>? progress,
        CancellationToken cancellationToken)
    {
        torch.Device device = FindDevice(options.Device);

        Quantization quantization = plan.KeptIn(options.Quantization);
        using ModelBuilder builder = new(plan, options.VisionWeights, plan.Mapping(options));
        torch.ScalarType type = builder.Resolve(options.Precision, device, quantization);
        return builder.Build(type, device, progress, cancellationToken, quantization);
    }

    private static ModelInfo Describe(ModelPlan plan, TextPlan text, ModelParts parts) => new()
    {
        Name = plan.Folder.Name,
        Folder = plan.Folder.Path,
        Architecture = plan.Config.Decoder.ModelType,
        VisionEncoder = plan.Vision.ModelType,
        Connector = plan.Config.Connector.Kind,
        PromptTemplate = text.Template.Name,
        VisualTokensPerPicture = parts.Visuals.Layout.Geometry.TokensPerTile,
        MaxTokens = plan.Config.Decoder.MaxPositions,
        Parameters = parts.CountWeights(),
        Quantization = parts.Quantization,
        Precision = ModelBuilder.PrecisionOf(parts.Decoder.Type),
        Device = parts.Decoder.Device.ToString(),
    };

    private static torch.Device FindDevice(string name)
    {
        if (name == "auto")
        {
            return torch.cuda.is_available() ? torch.CUDA : torch.CPU;
        }

        if (name != "cpu")
        {
            NativeLibraries.EnsureCudaLoaded();
        }

        return torch.device(name);
    }

    private string PlaceMarks(Prompt prompt)
    {
        if (string.IsNullOrWhiteSpace(prompt.Text))
        {
            throw new ArgumentException("The question is empty; say what to ask.", nameof(prompt));
        }

        if (prompt.Visuals.Any(visual => visual is null))
        {
            throw new ArgumentException("One of the prompt's visuals is null.", nameof(prompt));
        }

        int marks = PromptEncoder.CountSlots(prompt.Text);
        if (marks == prompt.Visuals.Count)
        {
            return prompt.Text;
        }

        string mark = _plan.Config.ImageStartEnd ? "<im_start><image><im_end>\n" : "<image>\n";
        return marks == 0
            ? string.Concat(Enumerable.Repeat(mark, prompt.Visuals.Count)) + prompt.Text
            : throw new ArgumentException(
                $"The text has {marks} <image> marks for {prompt.Visuals.Count} pictures; " +
                "give one mark for each picture, or none.",
                nameof(prompt));
    }

    private async IAsyncEnumerable<GenerationUpdate> StreamCoreAsync(
        IReadOnlyList<ChatTurn> turns,
        IReadOnlyList<VisualInput> visuals,
        GenerationOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CancellationToken token = ended.Token;
        try
        {
            GenerationRequest request = await Task.Run(
                () => Prepare(turns, visuals, options, token), cancellationToken).ConfigureAwait(false);
            _thread.Post(() => _scheduler.Submit(request));
            IAsyncEnumerable<GenerationUpdate> updates = request.Updates.ReadAllAsync(cancellationToken);
            await foreach (GenerationUpdate update in updates.ConfigureAwait(false))
            {
                yield return update;
            }
        }
        finally
        {
            // The reader is gone: whether it left early or read to the end, the request is not worked on any further.
            await ended.CancelAsync().ConfigureAwait(false);
        }
    }

    private GenerationRequest Prepare(
        IReadOnlyList<ChatTurn> turns,
        IReadOnlyList<VisualInput> visuals,
        GenerationOptions options,
        CancellationToken cancellationToken)
    {
        string text = _text.Template.Format([.. turns, new ChatTurn(ChatRole.Assistant, null)]);
        int[] ids = _prompts.Encode(text, _text.Template.WritesBosOnce);
        RequireEmbedded(ids);
        List<VisualSlot> slots = [];
        foreach (VisualInput visual in visuals)
        {
            cancellationToken.ThrowIfCancellationRequested();
            slots.Add(_parts.Visuals.Layout.Geometry.Read(visual, _images, cancellationToken));
        }

        int visualTokens = slots.Sum(slot => slot.Tokens);
        (int promptTokens, int newTokens) =
            LimitLengths(PromptEmbedder.CountTokens(ids, visualTokens), visualTokens);
        int limit = Math.Min(options.MaxNewTokens, newTokens);
        int? beginId = _text.Tokenizer.BosId;
        return new GenerationRequest(
            new GenerationInput(ids, slots, promptTokens, limit, _text.Tokenizer.VocabularySize),
            new Sampler(options, beginId),
            _text.Tokenizer.CreateDecoder(),
            new StopCondition(_text.EndIds, options.StopSequences),
            cancellationToken)
        {
            BeamSearch = options.Beams > 1 ? new BeamSearch(options, beginId, _text.EndIds, limit) : null,
        };
    }

    /// <summary>
    /// Refuses tokens the model has no embedding for: a tokenizer may list more than the table has rows, as long as no
    /// prompt holds them.
    /// </summary>
    private void RequireEmbedded(int[] ids)
    {
        int rows = _plan.Config.Decoder.VocabularySize;
        int at = Array.FindIndex(ids, id => id >= rows);
        if (at >= 0)
        {
            throw new CheckpointException(
                _plan.Folder.Path,
                $"the prompt holds token {ids[at]} ('{_text.Tokenizer.Tokenizer.Decode([ids[at]])}') of the " +
                $"tokenizer, but the model's embedding table has {rows} rows ('vocab_size' of " +
                $"{ConfigReader.FileName}). Take the tokenizer's files from the same checkpoint as the weights, or " +
                "leave the token out of the prompt.");
        }
    }

    /// <summary>How many tokens of a prompt are read, and how many may follow.</summary>
    /// <exception cref="ContextLengthException">It is longer than it may be.</exception>
    private (int PromptTokens, int NewTokens) LimitLengths(int promptTokens, int visualTokens)
    {
        int? said = _plan.Config.MaxPromptTokens;
        if (_longPrompts == LongPrompts.Cut)
        {
            // The official code cuts silently and then generates without looking at the number of positions.
            return (Math.Min(promptTokens, said ?? int.MaxValue), int.MaxValue);
        }

        // An answer needs at least one position.
        int limit = Info.MaxTokens - 1;
        limit = _longPrompts == LongPrompts.Allow ? limit : Math.Min(limit, said ?? limit);
        return promptTokens <= limit
            ? (promptTokens, Info.MaxTokens - promptTokens)
            : throw new ContextLengthException(promptTokens, visualTokens, limit);
    }
}
