namespace DenseConnector.Diagnostics;

/// <summary>What a request is at, in the order it gets there.</summary>
internal enum RequestPhase
{
    /// <summary>Waits for a free place.</summary>
    Queue,

    /// <summary>The encoder looks at its pictures.</summary>
    Vision,

    /// <summary>The decoder reads its prompt.</summary>
    Prefill,

    /// <summary>Its tokens are made.</summary>
    Decode,
}
