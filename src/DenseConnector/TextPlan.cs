using DenseConnector.Configuration;
using DenseConnector.Text;

namespace DenseConnector;

/// <summary>The text side of a model: its tokenizer, its prompt template, and the tokens that end an answer.</summary>
/// <param name="Tokenizer">The tokenizer with its special tokens.</param>
/// <param name="Template">The prompt template.</param>
/// <param name="TemplateSource">Where the template was decided, in words for people.</param>
/// <param name="EndIds">The tokens that end an answer.</param>
internal sealed record TextPlan(
    LoadedTokenizer Tokenizer, PromptTemplate Template, string TemplateSource, IReadOnlySet<int> EndIds)
{
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
        IEnumerable<int?> ends = [tokenizer.EosId, .. template.ExtraStopTokens.Select(tokenizer.IdOf)];
        return new TextPlan(tokenizer, template, source, config.EndIds.Concat(ends.OfType<int>()).ToHashSet());
    }

    private static (string Name, string Source) ChooseTemplate(
        ModelFolder folder, ModelConfig config, ModelOptions options, LoadedTokenizer tokenizer)
    {
        if (options.PromptTemplate is string chosen)
        {
            return (chosen, "as asked for");
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
