namespace DenseConnector.Connectors;

/// <summary>
/// A run of hidden states that a connector averages, both ends included; one state is a run of length 1.
/// </summary>
/// <remarks>Hidden state 0 is the encoder's embedding output, state <c>n</c> the output of layer <c>n</c>.</remarks>
/// <param name="First">The first hidden state.</param>
/// <param name="Last">The last hidden state.</param>
public readonly record struct LayerRange(int First, int Last)
{
    /// <summary>How many hidden states the run has.</summary>
    public int Count => Last - First + 1;
}
