namespace DenseConnector;

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>The model ended it, or a stop sequence came.</summary>
    Stop,

    /// <summary>The limit of new tokens or of the model's positions was reached.</summary>
    Length,
}
