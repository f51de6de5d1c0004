namespace DenseConnector.Imaging;

/// <summary>
/// Which input pixels make each output pixel along one axis, and how much each counts, as Pillow has it.
/// </summary>
/// <remarks>
/// Keys' cubic with a = -0.5 (Catmull-Rom), support 2 pixels, widened by the scale when shrinking (antialias); weights
/// are normalised in float64, then rounded half away from zero to fixed point with <see cref="FractionBits"/> bits.
/// Source: Pillow 9.4, <c>libImaging/Resample.c</c>, <c>precompute_coeffs</c> and <c>normalize_coeffs_8bpc</c>.
/// Input pixels of background colour are not listed: integer weights of equal pixels may be added up first, so a wide
/// frame costs nothing in the passes. Immutable.
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
    private readonly int[] _outside;
    private readonly int[] _weights;
    private readonly int _stride;

    /// <summary>Computes the weights of some of the output pixels.</summary>
    /// <param name="inputLength">Pixels of the input along the axis.</param>
    /// <param name="outputLength">Pixels of the whole output along the axis.</param>
    /// <param name="start">First output pixel wanted.</param>
    /// <param name="count">Number of output pixels wanted.</param>
    /// <param name="contentStart">First input pixel that is not background.</param>
    /// <param name="contentLength">Number of input pixels that are not background.</param>
    public BicubicWeights(
        int inputLength, int outputLength, int start, int count, int contentStart, int contentLength)
    {
        double scale = (double)inputLength / outputLength;
        double filterScale = Math.Max(scale, 1.0);
        double support = Support * filterScale;
        double inverse = 1.0 / filterScale;

        int most = ((int)Math.Ceiling(support) * 2) + 1;
        _stride = (Math.Min(most, contentLength) + Block - 1) / Block * Block;
        _first = new int[count];
        _count = new int[count];
        _outside = new int[count];
        _weights = new int[count * _stride];
        double[] exact = new double[most];
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

            _first[i] = Math.Clamp(first - contentStart, 0, contentLength);
            _count[i] = Math.Clamp(first + taps - contentStart, _first[i], contentLength) - _first[i];
            Span<int> inside = _weights.AsSpan(i * _stride, _count[i]);
            int skipped = _first[i] + contentStart - first;
            for (int tap = 0; tap < taps; tap++)
            {
                double weight = (sum == 0 ? exact[tap] : exact[tap] / sum) * (1 << FractionBits);
                int rounded = (int)(weight < 0 ? weight - 0.5 : weight + 0.5);
                if (tap >= skipped && tap < skipped + inside.Length)
                {
                    inside[tap - skipped] = rounded;
                }
                else
                {
                    _outside[i] += rounded;
                }
            }
        }
    }

    /// <summary>
    /// The first content pixel of an output pixel, counted from the start of the content;
    /// <paramref name="index"/> counts from the first output pixel wanted.
    /// </summary>
    public int First(int index) => _first[index];

    /// <summary>The content pixel after the last one of an output pixel.</summary>
    public int End(int index) => _first[index] + _count[index];

    /// <summary>The weights of an output pixel, one for each content pixel.</summary>
    public ReadOnlySpan<int> Weights(int index) => _weights.AsSpan(index * _stride, _count[index]);

    /// <summary>The weights of an output pixel, filled up with zeros to a multiple of <see cref="Block"/>.</summary>
    public ReadOnlySpan<int> Padded(int index) =>
        _weights.AsSpan(index * _stride, (_count[index] + Block - 1) / Block * Block);

    /// <summary>What the background counts in an output pixel: the sum of the weights outside the content.</summary>
    public int Outside(int index) => _outside[index];

    /// <summary>The sum of all weights of an output pixel: one, but for rounding.</summary>
    public int Total(int index)
    {
        int total = _outside[index];
        foreach (int weight in Weights(index))
        {
            total += weight;
        }

        return total;
    }

    /// <summary>The filter; the order of the operations is Pillow's, for its rounding.</summary>
    private static double Cubic(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        return x < 1 ? ((((a + 2) * x) - (a + 3)) * x * x) + 1
            : x < 2 ? (((((x - 5) * x) + 8) * x) - 4) * a
            : 0;
    }
}
