namespace DenseConnector.Imaging;

/// <summary>Which input pixels make each output pixel along one axis, and how much each counts, as Pillow has it.</summary>
/// <remarks>
/// Catmull-Rom-like cubic with a = -0.5, support 2 pixels, widened by the scale when shrinking (antialias); weights are
/// normalised in float64, then rounded half away from zero to fixed point with <see cref="FractionBits"/> bits.
/// Source: Pillow 9.4, <c>libImaging/Resample.c</c>, <c>precompute_coeffs</c> and <c>normalize_coeffs_8bpc</c>.
/// Immutable.
/// </remarks>
internal sealed class BicubicWeights
{
    /// <summary>Bits after the binary point: 32, less 8 for the pixel and 2 for overshoot.</summary>
    public const int FractionBits = 32 - 8 - 2;

    /// <summary>The number of weights of each output pixel is filled up with zeros to a multiple of this.</summary>
    public const int Block = 4;

    private const double Support = 2.0;

    private readonly int[] _first;
    private readonly int[] _count;
    private readonly int[] _weights;
    private readonly int _stride;

    /// <summary>Computes the weights of some of the output pixels.</summary>
    /// <param name="inputLength">Pixels of the input along the axis.</param>
    /// <param name="outputLength">Pixels of the whole output along the axis.</param>
    /// <param name="start">First output pixel wanted.</param>
    /// <param name="count">Number of output pixels wanted.</param>
    public BicubicWeights(int inputLength, int outputLength, int start, int count)
    {
        double scale = (double)inputLength / outputLength;
        double filterScale = Math.Max(scale, 1.0);
        double support = Support * filterScale;
        double inverse = 1.0 / filterScale;

        int most = Math.Min(((int)Math.Ceiling(support) * 2) + 1, inputLength);
        _stride = (most + Block - 1) / Block * Block;
        _first = new int[count];
        _count = new int[count];
        _weights = new int[count * _stride];
        double[] exact = new double[_stride];
        for (int i = 0; i < count; i++)
        {
            double center = (start + i + 0.5) * scale;
            int first = Math.Max((int)(center - support + 0.5), 0);
            int taps = Math.Min((int)(center + support + 0.5), inputLength) - first;
            double sum = 0;
            for (int tap = 0; tap < taps; tap++)
            {
                exact[tap] = Cubic((tap + first - center + 0.5) * inverse);
                sum += exact[tap];
            }

            Span<int> weights = _weights.AsSpan(i * _stride, taps);
            for (int tap = 0; tap < taps; tap++)
            {
                double weight = (sum == 0 ? exact[tap] : exact[tap] / sum) * (1 << FractionBits);
                weights[tap] = (int)(weight < 0 ? weight - 0.5 : weight + 0.5);
            }

            _first[i] = first;
            _count[i] = taps;
        }
    }

    /// <summary>The first input pixel of an output pixel; <paramref name="index"/> counts from the first wanted one.</summary>
    public int First(int index) => _first[index];

    /// <summary>The input pixel after the last one of an output pixel.</summary>
    public int End(int index) => _first[index] + _count[index];

    /// <summary>The weights of an output pixel, one for each input pixel.</summary>
    public ReadOnlySpan<int> Weights(int index) => _weights.AsSpan(index * _stride, _count[index]);

    /// <summary>The weights of an output pixel, filled up with zeros to a multiple of <see cref="Block"/>.</summary>
    public ReadOnlySpan<int> Padded(int index) =>
        _weights.AsSpan(index * _stride, (_count[index] + Block - 1) / Block * Block);

    private static double Cubic(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        return x < 1 ? ((((a + 2) * x) - (a + 3)) * x * x) + 1
            : x < 2 ? ((((((x - 5) * x) + 8) * x) - 4) * a)
            : 0;
    }
}
