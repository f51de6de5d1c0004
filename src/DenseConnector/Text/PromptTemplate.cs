using System.Collections.Frozen;
using System.Text;

namespace DenseConnector.Text;

/// <summary>
/// How a model family wants a conversation written down: a row of <c>conv_templates</c> of the reference.
/// </summary>
/// <remarks>
/// The strings are those of <c>Conversation.get_prompt()</c> in <c>dc/conversation.py</c>, its oddities included,
/// because the models were trained on them. One row is not of the reference: <c>llama_3_chat</c>, the form of Meta's
/// own chat template, for models trained with that form instead of the reference's <c>llama_3</c>. Immutable.
/// </remarks>
internal sealed record PromptTemplate
{
    private const string CuriousUser = "A chat between a curious user and an artificial intelligence assistant. ";
    private const string CuriousHuman = "A chat between a curious human and an artificial intelligence assistant. ";
    private const string ToUser = "The assistant gives helpful, detailed, and polite answers to the user's questions.";
    private const string ToHuman =
        "The assistant gives helpful, detailed, and polite answers to the human's questions.";
    private const string LanguageAndVision =
        "You are a helpful language and vision assistant. You are able to understand the visual content that the " +
        "user provides, and assist the user with a variety of tasks using natural language.";
    private const string TaggedImages =
        "The assistant is able to understand the visual content that the user provides, and assist the user with a " +
        "variety of tasks using natural language.The visual content will be provided with the following format: " +
        "<Image>visual content</Image>.";
    private const string Llama3Bos = "<|begin_of_text|>";
    private const string Llama3Stop = "<|eot_id|>";
    private const string ChatMlHeader = "<|im_start|>system\n";

    private const string HarmlessAssistant =
        "You are a helpful, respectful and honest assistant. Always answer as helpfully as possible, while being " +
        "safe.  Your answers should not include any harmful, unethical, racist, sexist, toxic, dangerous, or illegal " +
        "content. Please ensure that your responses are socially unbiased and positive in nature.\n\n" +
        "If a question does not make any sense, or is not factually coherent, explain why instead of answering " +
        "something not correct. If you don't know the answer to a question, please don't share false information.";

    private static readonly FrozenDictionary<string, PromptTemplate> Templates = All().ToFrozenDictionary(
        template => template.Name, StringComparer.Ordinal);

    private PromptTemplate()
    {
    }

    /// <summary>How the parts of a prompt are put together.</summary>
    private enum SeparatorStyle
    {
        /// <summary><c>ROLE: text</c>, then one and the same separator.</summary>
        Single,

        /// <summary><c>ROLE: text</c>, then one separator after questions and another after answers.</summary>
        Two,

        /// <summary>Role, text and separator as they are (<c>MPT</c>, <c>LLAMA_3</c>).</summary>
        Bare,

        /// <summary><c>[INST] … [/INST]</c> around questions, the system text in the first of them.</summary>
        Llama2,

        /// <summary>
        /// BOS once, then a header with the role's name and the trimmed text for every message: the chat template of
        /// Meta's Llama 3 Instruct.
        /// </summary>
        Llama3Chat,

        /// <summary>No roles.</summary>
        Plain,
    }

    /// <summary>Every name <see cref="Find"/> knows, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Templates.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The name, in the reference where it has the template: for example <c>vicuna_v1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The text that ends an answer, if the model writes it out as text; empty if there is none.</summary>
    public string StopText => Style == SeparatorStyle.Two ? AnswerSeparator! : Separator;

    /// <summary>Tokens that end an answer besides the tokenizer's own EOS.</summary>
    public IReadOnlyList<string> ExtraStopTokens { get; private init; } = [];

    /// <summary>
    /// Whether the text has the BOS token in it once, so that none is to be added when it becomes ids.
    /// </summary>
    public bool WritesBosOnce => Style == SeparatorStyle.Llama3Chat;

    /// <summary>What the model is told first, unless <see cref="Format"/> is given something else.</summary>
    public string System { get; private init; } = string.Empty;

    private SeparatorStyle Style { get; init; }

    // Stands before the system text, whatever that says.
    private string SystemHeader { get; init; } = string.Empty;

    private string UserRole { get; init; } = string.Empty;

    private string AssistantRole { get; init; } = string.Empty;

    private string Separator { get; init; } = string.Empty;

    // Where there is none, the reference cannot write an answer down (sep2 is None).
    private string? AnswerSeparator { get; init; }

    private bool TagsImages { get; init; }

    private IReadOnlyList<ChatTurn> Examples { get; init; } = [];

    /// <summary>Finds a template by its name.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static PromptTemplate Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Templates.TryGetValue(name, out PromptTemplate? template)
            ? template
            : throw new ArgumentException(
                $"There is no prompt template '{name}', known are {string.Join(", ", Names)}.", nameof(name));
    }

    /// <summary>Writes a conversation down as the model's prompt.</summary>
    /// <param name="turns">
    /// The messages in order; an open last one (text <c>null</c>) asks the model to go on there.
    /// </param>
    /// <param name="system">What the model is told first, instead of <see cref="System"/>.</param>
    /// <exception cref="ArgumentException">The template has no way to write this conversation.</exception>
    public string Format(IReadOnlyList<ChatTurn> turns, string? system = null)
    {
        ArgumentNullException.ThrowIfNull(turns);
        if (turns.Any(turn => turn is null or { HasImageBeside: true, Text: null }))
        {
            throw new ArgumentException(
                "A message is missing, or has a picture beside it and no text; give an empty text.", nameof(turns));
        }

        List<ChatTurn> all = PlaceImage([.. Examples, .. turns]);
        string instruction = SystemHeader + (system ?? System);
        return Style switch
        {
            SeparatorStyle.Single or SeparatorStyle.Two => FormatWithRoles(all, instruction),
            SeparatorStyle.Bare => FormatBare(all, instruction),
            SeparatorStyle.Llama2 => FormatLlama2(all, instruction),
            SeparatorStyle.Llama3Chat => FormatLlama3Chat(all, instruction),
            _ => FormatPlain(all, instruction),
        };
    }

    /// <summary>Puts the mark of a picture that comes beside the first message into its text.</summary>
    private List<ChatTurn> PlaceImage(List<ChatTurn> turns)
    {
        if (turns.Count == 0 || !turns[0].HasImageBeside)
        {
            return turns;
        }

        // The reference looks at the very first message only, so not where the template starts with examples.
        string text = turns[0].Text!.Replace(PromptEncoder.ImageMark, string.Empty, StringComparison.Ordinal);
        text = PythonText.Trim(text).ToString();
        if (!TagsImages)
        {
            turns[0] = turns[0] with { Text = $"{PromptEncoder.ImageMark}\n{text}", HasImageBeside = false };
            return turns;
        }

        turns[0] = turns[0] with { Text = text, HasImageBeside = false };
        return
        [
            new ChatTurn(ChatRole.User, $"<Image>{PromptEncoder.ImageMark}</Image>"),
            new ChatTurn(ChatRole.Assistant, "Received."),
            .. turns,
        ];
    }

    private string FormatWithRoles(List<ChatTurn> turns, string instruction)
    {
        StringBuilder prompt = new(instruction + Separator);
        for (int i = 0; i < turns.Count; i++)
        {
            prompt.Append(Role(turns[i])).Append(':');
            if (IsSaid(turns[i]))
            {
                bool isAnswer = Style == SeparatorStyle.Two && i % 2 == 1;
                prompt.Append(' ').Append(turns[i].Text).Append(isAnswer ? AnswerSeparator : Separator);
            }
        }

        return prompt.ToString();
    }

    private string FormatBare(List<ChatTurn> turns, string instruction)
    {
        StringBuilder prompt = new(instruction + Separator);
        foreach (ChatTurn turn in turns)
        {
            prompt.Append(Role(turn));
            if (IsSaid(turn))
            {
                prompt.Append(turn.Text).Append(Separator);
            }
        }

        return prompt.ToString();
    }

    private string FormatLlama2(List<ChatTurn> turns, string instruction)
    {
        if (turns.Count > 0 && (!IsSaid(turns[0]) || turns[0].Role != ChatRole.User))
        {
            throw new ArgumentException(
                $"The template '{Name}' must start with a question; the first message is " +
                (IsSaid(turns[0]) ? "an answer." : "empty."),
                nameof(turns));
        }

        StringBuilder prompt = new();
        for (int i = 0; i < turns.Count; i++)
        {
            if (!IsSaid(turns[i]))
            {
                continue;
            }

            if (i % 2 == 1)
            {
                prompt.Append(' ').Append(turns[i].Text).Append(' ').Append(AnswerSeparator);
                continue;
            }

            prompt.Append(Separator).Append("[INST] ");
            if (i == 0 && instruction.Length > 0)
            {
                prompt.Append("<<SYS>>\n").Append(instruction).Append("\n<</SYS>>\n\n");
            }

            prompt.Append(turns[i].Text).Append(" [/INST]");
        }

        // Python's lstrip(sep) drops any of the separator's characters, and with "" nothing, where TrimStart would drop
        // white space.
        return Separator.Length == 0 ? prompt.ToString() : prompt.ToString().TrimStart(Separator.ToCharArray());
    }

    private string FormatLlama3Chat(List<ChatTurn> turns, string instruction)
    {
        // Meta's template writes down the messages it is given: without a system text, there is no such message.
        StringBuilder prompt = new(Llama3Bos);
        if (instruction.Length > 0)
        {
            Append("system", instruction);
        }

        foreach (ChatTurn turn in turns)
        {
            Append(Role(turn), turn.Text);
        }

        return prompt.ToString();

        void Append(string role, string? text)
        {
            prompt.Append("<|start_header_id|>").Append(role).Append("<|end_header_id|>\n\n");
            if (text is not null)
            {
                prompt.Append(PythonText.Trim(text)).Append(Separator);
            }
        }
    }

    private string FormatPlain(List<ChatTurn> turns, string instruction)
    {
        StringBuilder prompt = new(instruction);
        for (int i = 0; i < turns.Count; i++)
        {
            if (!IsSaid(turns[i]))
            {
                continue;
            }

            prompt.Append(turns[i].Text).Append(i % 2 == 0 ? Separator : AnswerSeparator ?? throw new ArgumentException(
                $"The template '{Name}' has no way to write an answer: it is for one message without roles, " +
                $"found text in message {i + 1}. Use another template for a conversation.",
                nameof(turns)));
        }

        return prompt.ToString();
    }

    private string Role(ChatTurn turn) => turn.Role == ChatRole.User ? UserRole : AssistantRole;

    // As in Python, an empty text counts as none, but a pair of text and picture never does.
    private static bool IsSaid(ChatTurn turn) => turn.HasImageBeside || !string.IsNullOrEmpty(turn.Text);

    private static IEnumerable<PromptTemplate> All()
    {
        PromptTemplate vicuna = new()
        {
            Name = "vicuna_v1",
            Style = SeparatorStyle.Two,
            System = CuriousUser + ToUser,
            UserRole = "USER",
            AssistantRole = "ASSISTANT",
            Separator = " ",
            AnswerSeparator = "</s>",
        };
        yield return vicuna;
        yield return vicuna with { Name = "v1" };
        yield return vicuna with { Name = "llava_v1", System = CuriousHuman + ToHuman };
        yield return vicuna with { Name = "v1_mmtag", System = CuriousUser + TaggedImages, TagsImages = true };
        yield return vicuna with { Name = "phi", AnswerSeparator = "<|endoftext|>" };

        yield return new PromptTemplate
        {
            Name = "llama_3",
            Style = SeparatorStyle.Bare,
            SystemHeader = Llama3Bos + "<|start_header_id|>system<|end_header_id|>\n\n",
            System = LanguageAndVision,
            UserRole = "<|start_header_id|>user<|end_header_id|>\n\n",

            // Not "assistant": the models were trained with this header.
            AssistantRole = "<|start_header_id|>system<|end_header_id|>\n\n",
            Separator = Llama3Stop,
            ExtraStopTokens = [Llama3Stop],
        };
        yield return new PromptTemplate
        {
            Name = "llama_3_chat",
            Style = SeparatorStyle.Llama3Chat,
            System = LanguageAndVision,
            UserRole = "user",
            AssistantRole = "assistant",
            Separator = Llama3Stop,
            ExtraStopTokens = [Llama3Stop, "<|end_of_text|>"],
        };

        PromptTemplate chatMl = new()
        {
            Name = "mpt",
            Style = SeparatorStyle.Bare,
            SystemHeader = ChatMlHeader,
            System = "A conversation between a user and an LLM-based AI assistant. " +
                "The assistant gives helpful and honest answers.",
            UserRole = "<|im_start|>user\n",
            AssistantRole = "<|im_start|>assistant\n",
            Separator = "<|im_end|>",
        };
        yield return chatMl;
        yield return chatMl with { Name = "chatml_direct", System = "Answer the questions." };
        yield return chatMl with { Name = "mistral_direct", System = "Answer the questions." };

        PromptTemplate plain = new() { Name = "plain", Style = SeparatorStyle.Plain, Separator = "\n" };
        yield return plain;
        yield return plain with { Name = "v0_plain" };

        PromptTemplate single = new()
        {
            Name = "llava_v0",
            Style = SeparatorStyle.Single,
            System = CuriousHuman + ToHuman,
            UserRole = "Human",
            AssistantRole = "Assistant",
            Separator = "###",
        };
        yield return single;
        yield return single with { Name = "v0_mmtag", System = CuriousUser + TaggedImages, TagsImages = true };
        ChatTurn[] energy =
        [
            new ChatTurn(
                ChatRole.User,
                "What are the key differences between renewable and non-renewable energy sources?"),
            new ChatTurn(
                ChatRole.Assistant,
                "Renewable energy sources are those that can be replenished naturally in a relatively short amount " +
                "of time, such as solar, wind, hydro, geothermal, and biomass. Non-renewable energy sources, on the " +
                "other hand, are finite and will eventually be depleted, such as coal, oil, and natural gas. Here " +
                "are some key differences between renewable and non-renewable energy sources:\n" +
                "1. Availability: Renewable energy sources are virtually inexhaustible, while non-renewable energy " +
                "sources are finite and will eventually run out.\n" +
                "2. Environmental impact: Renewable energy sources have a much lower environmental impact than " +
                "non-renewable sources, which can lead to air and water pollution, greenhouse gas emissions, and " +
                "other negative effects.\n" +
                "3. Cost: Renewable energy sources can be more expensive to initially set up, but they typically " +
                "have lower operational costs than non-renewable sources.\n" +
                "4. Reliability: Renewable energy sources are often more reliable and can be used in more remote " +
                "locations than non-renewable sources.\n" +
                "5. Flexibility: Renewable energy sources are often more flexible and can be adapted to different " +
                "situations and needs, while non-renewable sources are more rigid and inflexible.\n" +
                "6. Sustainability: Renewable energy sources are more sustainable over the long term, while " +
                "non-renewable sources are not, and their depletion can lead to economic and social instability.\n"),
        ];
        yield return single with { Name = "v0", Examples = energy };
        yield return single with { Name = "default", Examples = energy };

        PromptTemplate llama2 = new()
        {
            Name = "llama_2",
            Style = SeparatorStyle.Llama2,
            System = HarmlessAssistant,
            UserRole = "USER",
            AssistantRole = "ASSISTANT",
            Separator = "<s>",
            AnswerSeparator = "</s>",
        };
        yield return llama2;
        yield return llama2 with { Name = "llava_llama_2", System = LanguageAndVision };
        yield return llama2 with { Name = "mistral_instruct", System = string.Empty, Separator = string.Empty };
    }
}
