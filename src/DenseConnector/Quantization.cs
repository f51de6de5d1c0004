namespace DenseConnector;

/// <summary>
/// The format a language model's matrices are kept in; towers, connector and embeddings stay as they are.
/// </summary>
public enum Quantization
{
    /// <summary>The format the model is computed in.</summary>
    None,

    /// <summary>
    /// 8-bit integers with a scale for each row: half the memory of bfloat16. A weight is off by at most 0.4 % of the
    /// largest of its row.
    /// </summary>
    Int8,

    /// <summary>
    /// 4-bit integers in groups of 32 with a scale each: 4.5 bits for a weight; the output head is kept in 8 bits.
    /// While tokens are generated, activations are rounded to 8 bits too.
    /// </summary>
    Int4,
}
