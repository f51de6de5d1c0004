using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace DenseConnector.Cli.Evaluation.Python;

/// <summary>Floating-point numbers as Python reads and rounds them.</summary>
internal static partial class PythonFloat
{
    private const int FractionBits = 52;
    private const int SmallestExponent = -1074;

    // Beyond these places every digit of a double is kept, or none.
    private const int AllPlaces = 324;
    private const int NoPlaces = -309;

    /// <summary>Reads a number as <c>float</c> does; <c>null</c> where that raises.</summary>
    /// <remarks>
    /// Digits of any script, single underscores between digits, white space around the number, and the words for
    /// infinity and for what is no number are all accepted.
    /// </remarks>
    public static double? Parse(string text)
    {
        string number = WithAsciiDigits(text.Trim());
        if (Word().Match(number) is { Success: true } word)
        {
            double size = word.Groups["nan"].Success ? double.NaN : double.PositiveInfinity;
            return number[0] == '-' ? -size : size;
        }

        return Number().IsMatch(number)
            ? double.Parse(
                number.Replace("_", string.Empty, StringComparison.Ordinal),
                NumberStyles.Float,
                CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>The number with so many decimals: <c>round</c>, which goes by the exact value.</summary>
    /// <remarks>A number exactly between two goes to the even one.</remarks>
    public static double Round(double value, int places)
    {
        if (!double.IsFinite(value) || value == 0 || places >= AllPlaces)
        {
            return value;
        }

        if (places < NoPlaces)
        {
            return double.CopySign(0, value);
        }

        (BigInteger top, BigInteger bottom) = Fraction(Math.Abs(value));
        BigInteger scale = BigInteger.Pow(10, Math.Abs(places));
        BigInteger rounded = places < 0 ? Nearest(top, bottom * scale) : Nearest(top * scale, bottom);
        string digits = string.Create(CultureInfo.InvariantCulture, $"{rounded}e{-places}");
        return double.CopySign(double.Parse(digits, CultureInfo.InvariantCulture), value);
    }

    /// <summary>The nearest whole number, the even one of two: <c>round</c> without a count of decimals.</summary>
    /// <exception cref="OverflowException">The value is infinite or no number.</exception>
    public static BigInteger Round(double value) => new(Math.Round(value, MidpointRounding.ToEven));

    private static BigInteger Nearest(BigInteger top, BigInteger bottom)
    {
        BigInteger whole = BigInteger.DivRem(top, bottom, out BigInteger rest);
        int half = (rest * 2).CompareTo(bottom);
        return half > 0 || (half == 0 && !whole.IsEven) ? whole + 1 : whole;
    }

    private static (BigInteger Top, BigInteger Bottom) Fraction(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        long fraction = bits & ((1L << FractionBits) - 1);
        int exponent = (int)(bits >> FractionBits);
        long whole = exponent == 0 ? fraction : fraction | (1L << FractionBits);
        int power = SmallestExponent + Math.Max(exponent, 1) - 1;
        return power < 0
            ? (whole, BigInteger.One << -power)
            : (new BigInteger(whole) << power, BigInteger.One);
    }

    private static string WithAsciiDigits(string text)
    {
        StringBuilder ascii = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = Rune.IsDigit(rune)
                ? ascii.Append((int)Rune.GetNumericValue(rune))
                : ascii.Append(rune.ToString());
        }

        return ascii.ToString();
    }

    [GeneratedRegex(@"\A[+-]?(?:(?<nan>nan)|inf(?:inity)?)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(
        @"\A[+-]?(?:[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)" +
        @"(?:[eE][+-]?[0-9](?:_?[0-9])*)?\z")]
    private static partial Regex Number();
}
