namespace DenseConnector;

/// <summary>
/// The format a language model's matrices are kept in; towers, connector and embeddings stay as they are.
/// </summary>
/// <remarks>
/// A model that is computed in bfloat16 reads prompts in products of 8-bit integers if the processor has AVX512-VNNI:
/// half as fast again or more, with activations rounded row by row (by 0.9 % of a row's size if they are normally
/// distributed, by 3.6 % at most; rows with outliers are rounded to 15 bits). With <see cref="Precision.Float32"/>
/// prompts are read in float32.
/// </remarks>
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
    /// While tokens are generated, activations are rounded to 8 bits in groups of 32.
    /// </summary>
    Int4,
}
