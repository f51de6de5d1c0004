namespace DenseConnector.Kernels;

/// <summary>
/// One value at a time: for processors without vectors, and for what is left over at the end of a row.
/// </summary>
internal readonly unsafe struct Lanes1 : IFloatLanes<float>
{
    /// <inheritdoc/>
    public static int Count => 1;

    /// <inheritdoc/>
    public static float Zero => 0;

    /// <inheritdoc/>
    public static float Fill(float value) => value;

    /// <inheritdoc/>
    public static float Load(float* source) => *source;

    /// <inheritdoc/>
    public static void Store(float values, float* destination) => *destination = values;

    /// <inheritdoc/>
    public static float LoadBFloat16(ushort* source) => BFloat16.ToSingle(*source);

    /// <inheritdoc/>
    public static (float Even, float Odd) LoadBFloat16Pairs(ushort* source) =>
        (BFloat16.ToSingle(source[0]), BFloat16.ToSingle(source[1]));

    /// <inheritdoc/>
    public static float LoadInt8(sbyte* source) => *source;

    /// <inheritdoc/>
    public static float Add(float left, float right) => left + right;

    /// <inheritdoc/>
    public static float Multiply(float left, float right) => left * right;

    /// <inheritdoc/>
    public static float Divide(float left, float right) => left / right;

    /// <inheritdoc/>
    public static float MultiplyAdd(float left, float right, float sum) => MathF.FusedMultiplyAdd(left, right, sum);

    /// <inheritdoc/>
    public static float Max(float left, float right) => MathF.Max(left, right);

    /// <inheritdoc/>
    public static float Exp(float values) => values < ExpSeries.Least ? 0 : MathF.Exp(values);

    /// <inheritdoc/>
    public static float Sum(float values) => values;
}
