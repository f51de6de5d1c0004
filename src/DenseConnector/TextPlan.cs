using DenseConnector.Configuration;
using DenseConnector.Text;

namespace DenseConnector;

/// <summary>The text side of a model: its tokenizer, its prompt template, and the tokens that end an answer.</summary>
/// <param name="Tokenizer">The tokenizer with its special tokens.</param>
/// <param name="Template">The prompt template.</param>
/// <param name="TemplateSource">Where the template was decided, in words for people.</param>
/// <param name="CheckpointEndIds">The tokens that end an answer whatever the template.</param>
internal sealed record TextPlan(
    LoadedTokenizer Tokenizer, PromptTemplate Template, string TemplateSource, IReadOnlyList<int> CheckpointEndIds)
{
    private const string AskedFor = "as asked for";

    /// <summary>The tokens that end an answer: the checkpoint's, and those the template adds.</summary>
    public IReadOnlySet<int> EndIds =>
        CheckpointEndIds.Concat(Template.ExtraStopTokens.Select(Tokenizer.IdOf).OfType<int>()).ToHashSet();

    /// <summary>Reads a checkpoint's tokenizer and decides the template.</summary>
    /// <exception cref="CheckpointException">The tokenizer is missing or damaged.</exception>
    /// <exception cref="ModelConfigException">
    /// Nothing says which template the model was trained with, or the configuration names one that does not exist.
    /// </exception>
    /// <exception cref="ArgumentException">The template asked for does not exist.</exception>
    public static TextPlan Read(ModelFolder folder, ModelConfig config, ModelOptions options)
    {
        // As the official loader does: a projector or an adapter comes without a tokenizer, or with a partial copy.
        LoadedTokenizer tokenizer = TokenizerLoader.Load(options.BaseModel ?? folder.Path);
        (string name, string source) = ChooseTemplate(folder, config, options, tokenizer);
        PromptTemplate template = PromptTemplate.Find(name);
        IReadOnlyList<int> ends = tokenizer.EosId is int end ? [.. config.EndIds, end] : config.EndIds;
        return new TextPlan(tokenizer, template, source, ends);
    }

    /// <summary>The plan with another template, as if the model had been loaded with that.</summary>
    /// <param name="template">The template's name; <c>null</c> for the plan's own.</param>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public TextPlan With(string? template) => template is null
        ? this
        : this with { Template = PromptTemplate.Find(template), TemplateSource = AskedFor };

    /// <summary>Writes a conversation down and gives its ids, with a slot for each picture.</summary>
    /// <exception cref="ArgumentException">The template has no way to write this conversation.</exception>
    public int[] Encode(Conversation conversation) => Encode(Write(conversation, null));

    /// <summary>The tokens of an answer as they follow the conversation, without what ends it.</summary>
    /// <exception cref="ArgumentException">The answer would change tokens of the conversation.</exception>
    public int[] EncodeAnswer(Conversation conversation, string answer)
    {
        int[] asked = Encode(conversation);
        string written = Write(conversation, answer);
        int end = written.IndexOf(answer, Write(conversation, null).Length, StringComparison.Ordinal) + answer.Length;
        int[] all = Encode(written[..end]);
        return all.Length > asked.Length && all.AsSpan().StartsWith(asked)
            ? all[asked.Length..]
            : throw new ArgumentException(
                $"The answer '{answer}' does not follow the prompt in tokens of its own.", nameof(answer));
    }

    private string Write(Conversation conversation, string? answer) => Template.Format(
        [.. conversation.Turns, new ChatTurn(ChatRole.Assistant, answer)], conversation.System);

    private int[] Encode(string prompt) => new PromptEncoder(Tokenizer).Encode(prompt, Template.WritesBosOnce);

    private static (string Name, string Source) ChooseTemplate(
        ModelFolder folder, ModelConfig config, ModelOptions options, LoadedTokenizer tokenizer)
    {
        if (options.PromptTemplate is string chosen)
        {
            return (chosen, AskedFor);
        }

        if (config.PromptTemplate is string said)
        {
            return PromptTemplate.Names.Contains(said)
                ? (said, "from config.json")
                : throw config.Decoder.Json.Unsupported(
                    ConfigReader.TemplateKey, $"'{said}'", string.Join(", ", PromptTemplate.Names));
        }

        if (folder.Entry is not null)
        {
            return (folder.Entry.PromptTemplate, "from the catalog");
        }

        // Every published LLaVA-family checkpoint with the Llama-2 vocabulary was trained with this template.
        return config.Decoder.ModelType.StartsWith("llava", StringComparison.Ordinal) &&
            tokenizer.EosId is int end && tokenizer.IdOf("</s>") == end
            ? ("vicuna_v1", "assumed from the vocabulary, config.json does not say")
            : throw new ModelConfigException(
                Path.Combine(folder.Path, ConfigReader.FileName),
                "does not say which prompt template the model was trained with. " +
                "Set ModelOptions.PromptTemplate (--template).");
    }
}
