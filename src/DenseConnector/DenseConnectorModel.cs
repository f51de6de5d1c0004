using System.Runtime.CompilerServices;
using System.Text;
using DenseConnector.Chat;
using DenseConnector.Configuration;
using DenseConnector.Diagnostics;
using DenseConnector.Generation;
using DenseConnector.Imaging;
using DenseConnector.Loading;
using DenseConnector.Multimodal;
using DenseConnector.Text;
using Microsoft.Extensions.AI;
using TorchSharp;
using ChatRole = DenseConnector.Text.ChatRole;

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
        Marks = new ImageMarks(plan.Config.ImageStartEnd);
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

    /// <summary>Puts pictures' marks into texts as the model wants them.</summary>
    internal ImageMarks Marks { get; }

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
        return await Telemetry.MeasureLoadAsync(
            model,
            () => LoadCoreAsync(
                model, options ?? new ModelOptions(), progress, cancellationToken)).ConfigureAwait(false);
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
    /// The prompt is empty, its image marks and pictures differ in number, or there is no such prompt template.
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
    /// A prompt is empty, its image marks and pictures differ in number, or there is no such prompt template.
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
    /// The prompt is empty, its image marks and pictures differ in number, or there is no such prompt template.
    /// </exception>
    /// <exception cref="CheckpointException">The prompt holds a token the model has no embedding for.</exception>
    /// <exception cref="ContextLengthException">The prompt is longer than the model can read.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public IAsyncEnumerable<GenerationUpdate> StreamAsync(
        Prompt prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        string text = PlaceMarks(prompt);
        Conversation question = new([new ChatTurn(ChatRole.User, text)], prompt.Visuals);
        return ContinueAsync(question, options, cancellationToken);
    }

    /// <summary>Gives the model as a chat client: dialogues of several turns, with pictures in any of them.</summary>
    /// <remarks>
    /// <para>
    /// The client is thread-safe, keeps nothing between requests and does not own the model: disposing it leaves the
    /// model alive. <c>GetService</c> gives the model and its <see cref="ChatClientMetadata"/>.
    /// </para>
    /// <para>
    /// Messages: text, and in the user's messages pictures as <see cref="DataContent"/> or <see cref="UriContent"/> of
    /// media type <c>image/*</c>, in their order. They come before the text of their message, each on a line of its
    /// own, unless the text has one <c>&lt;image&gt;</c> mark for each. <see cref="ChatOptions.Instructions"/> and
    /// system messages take the place of the prompt template's system text. Neighbours of one role are one turn. Author
    /// names are not passed on.
    /// </para>
    /// <para>
    /// <see cref="ChatOptions"/>: <c>Temperature</c> (unset: greedy), <c>TopP</c>, <c>TopK</c>,
    /// <c>MaxOutputTokens</c>, <c>Seed</c>, <c>StopSequences</c>, <c>FrequencyPenalty</c> and <c>PresencePenalty</c>
    /// are those of <see cref="GenerationOptions"/>, as is <c>AdditionalProperties["prompt_template"]</c>, the name of
    /// a prompt template; they take precedence over such options given by <c>RawRepresentationFactory</c>.
    /// <c>ModelId</c> must be the model's name or unset. Other <c>AdditionalProperties</c>,
    /// <c>AllowBackgroundResponses</c> and <c>AllowMultipleToolCalls</c> have no effect.
    /// </para>
    /// <para>
    /// All else is refused with <see cref="NotSupportedException"/>: other content (audio, function calls and results),
    /// roles besides system, user and assistant, a system message after the first turn, tools unless <c>ToolMode</c> is
    /// none, a response format other than text, reasoning, a conversation kept by the client, a
    /// <c>ContinuationToken</c>.
    /// </para>
    /// </remarks>
    /// <param name="options">What messages may make the client read; <c>null</c>: nothing but their own bytes.</param>
    public IChatClient AsIChatClient(ChatClientOptions? options = null) =>
        new DenseConnectorChatClient(this, options ?? new ChatClientOptions());

    /// <summary>Continues a conversation.</summary>
    internal IAsyncEnumerable<GenerationUpdate> ContinueAsync(
        Conversation conversation, GenerationOptions? options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        TextPlan text = _text.With(options?.PromptTemplate);
        return StreamCoreAsync(conversation, text, options ?? new GenerationOptions(), cancellationToken);
    }

    /// <summary>How likely the model finds an answer: the natural logarithm of the probability of its tokens.</summary>
    /// <param name="prompt">The question and what to look at.</param>
    /// <param name="answer">The answer, without what ends it.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="ArgumentException">The answer has no tokens of its own behind the prompt.</exception>
    internal async Task<double> ScoreAsync(Prompt prompt, string answer, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        Conversation question = new([new ChatTurn(ChatRole.User, PlaceMarks(prompt))], prompt.Visuals);
        int[] ids = _text.EncodeAnswer(question, answer);
        GivenTokens given = new(ids);
        await CollectAsync(StreamCoreAsync(
            token => new GenerationRequest(
                ReadInput(question, _text, ids.Length, token),
                given,
                _text.Tokenizer.CreateDecoder(),
                new StopCondition(new HashSet<int>(), []),
                token),
            cancellationToken)).ConfigureAwait(false);
        return given.LogProbability;
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

    private static async Task<DenseConnectorModel> LoadCoreAsync(
        string model, ModelOptions options, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
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
                    readText = TextPlan.Read(read.Folder, read.Config, found.Options);
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

    private static ModelParts Build(
        ModelPlan plan,
        ModelOptions options,
        IProgress<LoadProgress>? progress,
        CancellationToken cancellationToken)
    {
        Quantization quantization = plan.KeptIn(options.Quantization);
        torch.Device device = FindDevice(options.Device, quantization);
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

    private static torch.Device FindDevice(string name, Quantization quantization)
    {
        if (name == "auto")
        {
            return quantization == Quantization.None && torch.cuda.is_available() ? torch.CUDA : torch.CPU;
        }

        if (name != "cpu")
        {
            if (quantization != Quantization.None)
            {
                throw new ArgumentException(
                    $"The device is {name} and the weights are in {quantization}; quantised weights are for the CPU. " +
                    "Set ModelOptions.Device (--device) to cpu, or take unquantised weights.");
            }

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

        return Marks.Place(prompt.Text, prompt.Visuals.Count);
    }

    private IAsyncEnumerable<GenerationUpdate> StreamCoreAsync(
        Conversation conversation, TextPlan text, GenerationOptions options, CancellationToken cancellationToken) =>
        StreamCoreAsync(token => Prepare(conversation, text, options, token), cancellationToken);

    private async IAsyncEnumerable<GenerationUpdate> StreamCoreAsync(
        Func<CancellationToken, GenerationRequest> prepare,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CancellationToken token = ended.Token;
        try
        {
            GenerationRequest request =
                await Task.Run(() => prepare(token), cancellationToken).ConfigureAwait(false);
            _thread.Post(() => _scheduler.Submit(request));
            IAsyncEnumerable<GenerationUpdate> updates = request.Updates.ReadAllAsync(cancellationToken);
            await foreach (GenerationUpdate update in updates.ConfigureAwait(false))
            {
                // The channel gives what it already holds even when nobody wants it any more.
                cancellationToken.ThrowIfCancellationRequested();
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
        Conversation conversation, TextPlan text, GenerationOptions options, CancellationToken cancellationToken)
    {
        GenerationInput input = ReadInput(conversation, text, options.MaxNewTokens, cancellationToken);
        int? beginId = text.Tokenizer.BosId;
        IReadOnlySet<int> endIds = text.EndIds;
        return new GenerationRequest(
            input,
            new Sampler(options, beginId),
            text.Tokenizer.CreateDecoder(),
            new StopCondition(endIds, options.StopSequences),
            cancellationToken)
        {
            Trace = RequestTrace.Start(Info.ShortName),
            BeamSearch = options.Beams > 1 ? new BeamSearch(options, beginId, endIds, input.MaxNewTokens) : null,
        };
    }

    private GenerationInput ReadInput(
        Conversation conversation, TextPlan text, int maxNewTokens, CancellationToken cancellationToken)
    {
        int[] ids = text.Encode(conversation);
        RequireEmbedded(ids);
        List<VisualSlot> slots = [];
        foreach (VisualInput visual in conversation.Visuals)
        {
            cancellationToken.ThrowIfCancellationRequested();
            slots.Add(_parts.Visuals.Layout.Geometry.Read(visual, _images, cancellationToken));
        }

        int visualTokens = slots.Sum(slot => slot.Tokens);
        (int promptTokens, int newTokens) =
            LimitLengths(PromptEmbedder.CountTokens(ids, visualTokens), visualTokens);
        return new GenerationInput(
            ids, slots, promptTokens, Math.Min(maxNewTokens, newTokens), text.Tokenizer.VocabularySize);
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
