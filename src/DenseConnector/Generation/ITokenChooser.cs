namespace DenseConnector.Generation;

/// <summary>Decides which token comes next; one per request.</summary>
internal interface ITokenChooser
{
    /// <summary>Logits <c>[vocabulary]</c> → the next token's id.</summary>
    public int Next(ReadOnlySpan<float> logits);
}
