namespace DenseConnector.Cli.Serving.Contracts;

/// <summary>The models there are: <c>GET /v1/models</c>.</summary>
internal sealed record ModelList(IReadOnlyList<ModelCard> Data)
{
    /// <summary>Always <c>list</c>.</summary>
    public string Object { get; } = "list";
}

/// <summary>One model; the last four are beyond OpenAI's.</summary>
/// <param name="Id">What requests call it.</param>
/// <param name="Created">When it was loaded, in seconds since 1970.</param>
/// <param name="PromptTemplate">The template that writes dialogues down where a request names none.</param>
/// <param name="PromptTemplates">The templates that requests may name.</param>
/// <param name="MaxModelLen">The most tokens of prompt and answer together.</param>
/// <param name="MaxCompletionTokens">The most tokens of an answer that this server makes.</param>
internal sealed record ModelCard(
    string Id,
    long Created,
    string PromptTemplate,
    IReadOnlyList<string> PromptTemplates,
    int MaxModelLen,
    int MaxCompletionTokens)
{
    /// <summary>Always <c>model</c>.</summary>
    public string Object { get; } = "model";

    /// <summary>Always this tool.</summary>
    public string OwnedBy { get; } = "denseconnector";
}
