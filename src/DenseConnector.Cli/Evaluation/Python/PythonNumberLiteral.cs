using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace DenseConnector.Cli.Evaluation.Python;

/// <summary>Reads numbers as Python writes them in its source, without their signs.</summary>
internal static partial class PythonNumberLiteral
{
    // Python refuses to read longer ones.
    private const int MostDigits = 4300;
    private const string Digits = "[0-9](?:_?[0-9])*";

    /// <summary>Whether a number follows.</summary>
    public static bool Follows(PythonSource source) => source.Peek() is '.' or (>= '0' and <= '9');

    /// <summary>Reads a number: a <see cref="BigInteger"/> or a <see cref="double"/>.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static object Read(PythonSource source)
    {
        string number = source.TakeMatch(Form()).Replace("_", string.Empty, StringComparison.Ordinal);
        if (number.Length == 0 || char.IsLetterOrDigit(source.Peek()) || source.Peek() is '.' or '_')
        {
            throw source.Unexpected("a number");
        }

        char kind = number.Length > 1 ? char.ToLowerInvariant(number[1]) : '\0';
        if (kind is 'x' or 'o' or 'b')
        {
            return Whole(number[2..], kind == 'x' ? 16 : kind == 'o' ? 8 : 2);
        }

        if (number.AsSpan().IndexOfAny('.', 'e', 'E') >= 0)
        {
            return double.Parse(number, CultureInfo.InvariantCulture);
        }

        bool isPadded = number[0] == '0' && number.Any(digit => digit != '0');
        return isPadded || number.Length > MostDigits
            ? throw source.Unexpected("a whole number without zeros in front and of a printable size")
            : BigInteger.Parse(number, CultureInfo.InvariantCulture);
    }

    private static BigInteger Whole(string digits, int radix) => digits.Aggregate(
        BigInteger.Zero,
        (number, digit) => (number * radix) + int.Parse([digit], NumberStyles.AllowHexSpecifier));

    [GeneratedRegex(
        @"\G(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|" +
        $@"(?:{Digits}(?:\.(?:{Digits})?)?|\.{Digits})(?:[eE][+-]?{Digits})?)")]
    private static partial Regex Form();
}
