namespace DenseConnector.Kernels;

/// <summary>
/// A number of float32 values computed on at once: what the kernels are written in terms of, so that one text serves
/// every width the processor has.
/// </summary>
/// <remarks>
/// The implementations are empty structs whose methods the compiler puts in place of the calls: a kernel over lanes
/// costs what the instructions cost.
/// </remarks>
/// <typeparam name="T">The values.</typeparam>
internal unsafe interface IFloatLanes<T>
    where T : struct
{
    /// <summary>How many values there are.</summary>
    public static abstract int Count { get; }

    /// <summary>Zeros.</summary>
    public static abstract T Zero { get; }

    /// <summary>The same value everywhere.</summary>
    public static abstract T Fill(float value);

    /// <summary>Reads values.</summary>
    public static abstract T Load(float* source);

    /// <summary>Writes values.</summary>
    public static abstract void Store(T values, float* destination);

    /// <summary>Reads bfloat16 values.</summary>
    public static abstract T LoadBFloat16(ushort* source);

    /// <summary>Reads twice as many bfloat16 values, those at even places and those at odd places.</summary>
    public static abstract (T Even, T Odd) LoadBFloat16Pairs(ushort* source);

    /// <summary>Reads 8-bit integers.</summary>
    public static abstract T LoadInt8(sbyte* source);

    /// <summary>Sums.</summary>
    public static abstract T Add(T left, T right);

    /// <summary>Products.</summary>
    public static abstract T Multiply(T left, T right);

    /// <summary>Quotients.</summary>
    public static abstract T Divide(T left, T right);

    /// <summary>Products added to a sum, rounded once.</summary>
    public static abstract T MultiplyAdd(T left, T right, T sum);

    /// <summary>The greater of each two.</summary>
    public static abstract T Max(T left, T right);

    /// <summary>
    /// Powers of e of numbers that are not above 0, as softmax needs them; those too small for a normal number are 0.
    /// </summary>
    public static abstract T Exp(T values);

    /// <summary>All values added up.</summary>
    public static abstract float Sum(T values);
}
