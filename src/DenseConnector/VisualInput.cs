namespace DenseConnector;

/// <summary>What fills one <c>&lt;image&gt;</c> slot of a prompt.</summary>
public abstract record VisualInput
{
    private protected VisualInput()
    {
    }
}
