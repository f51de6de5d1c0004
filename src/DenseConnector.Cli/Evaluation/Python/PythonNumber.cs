using System.Globalization;
using System.Numerics;
using System.Text;

namespace DenseConnector.Cli.Evaluation.Python;

/// <summary>Numbers as Python prints and reads them.</summary>
internal static class PythonNumber
{
    // Enough for the exact value of any double.
    private const string AllDigits = "F1100";

    /// <summary>The shortest text that reads back as the same number: Python's <c>repr</c>.</summary>
    public static string Repr(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
        }

        // One digit, a point, the other digits, and the power of ten: the shortest ones, as in Python.
        string[] parts = Math.Abs(value).ToString("E16", CultureInfo.InvariantCulture).Split('E');
        string shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture).Split('E')[0];
        string digits = shortest.Replace(".", string.Empty, StringComparison.Ordinal).Trim('0');
        int power = value == 0 ? 0 : int.Parse(parts[1], CultureInfo.InvariantCulture);
        digits = digits.Length == 0 ? "0" : digits;
        string sign = double.IsNegative(value) ? "-" : string.Empty;
        if (power is < -4 or >= 16)
        {
            string fraction = digits.Length > 1 ? "." + digits[1..] : string.Empty;
            return sign + digits[0] + fraction + "e" + power.ToString("+00;-00", CultureInfo.InvariantCulture);
        }

        digits = digits.PadLeft(digits.Length - Math.Min(power, 0), '0');
        int point = Math.Max(power, 0) + 1;
        digits = digits.PadRight(point + 1, '0');
        return sign + digits[..point] + "." + digits[point..];
    }

    /// <summary>A number with so many decimals; a value exactly between two goes to the even one.</summary>
    public static string Fixed(double value, int decimals)
    {
        if (!double.IsFinite(value))
        {
            return Repr(value);
        }

        string exact = value.ToString(AllDigits, CultureInfo.InvariantCulture);
        int end = exact.IndexOf('.', StringComparison.Ordinal) + 1 + decimals;
        bool isTie = exact[end] == '5' && exact.AsSpan(end + 1).TrimEnd('0').IsEmpty;
        return isTie && (exact[end - 1] - '0') % 2 == 0
            ? exact[..end]
            : value.ToString("F" + decimals, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Reads a whole number as Python's <c>int</c> does: digits of any script, a sign, white space around it and single
    /// underscores between digits.
    /// </summary>
    public static bool TryParseInteger(string text, out BigInteger number)
    {
        // Unlike the white space of Python's strip, this has no U+001C to U+001F, which its int refuses.
        string trimmed = text.Trim();
        bool isSigned = trimmed.StartsWith('-') || trimmed.StartsWith('+');
        StringBuilder digits = new(trimmed[..(isSigned ? 1 : 0)]);
        bool expectsDigit = true;
        foreach (Rune rune in trimmed[digits.Length..].EnumerateRunes())
        {
            if (Rune.IsDigit(rune))
            {
                digits.Append((int)Rune.GetNumericValue(rune));
                expectsDigit = false;
            }
            else if (rune.Value == '_' && !expectsDigit)
            {
                expectsDigit = true;
            }
            else
            {
                number = default;
                return false;
            }
        }

        number = expectsDigit ? default : BigInteger.Parse(digits.ToString(), CultureInfo.InvariantCulture);
        return !expectsDigit;
    }
}
