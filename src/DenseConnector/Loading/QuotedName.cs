using System.Globalization;
using System.Text;

namespace DenseConnector.Loading;

/// <summary>Quotes names that come from a file, so that no file can flood or forge an error message.</summary>
internal static class QuotedName
{
    private const int MaxLength = 200;

    /// <summary>The name in single quotes: cut to 200 characters, its invisible characters as <c>\uXXXX</c>.</summary>
    public static string Of(string name)
    {
        StringBuilder quoted = new("'");
        foreach (char character in name.AsSpan(0, Math.Min(name.Length, MaxLength)))
        {
            // A surrogate is shown as its code too: the cut may have parted it from its other half.
            _ = char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
                ? quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}")
                : quoted.Append(character);
        }

        return quoted.Append(name.Length > MaxLength ? "...'" : "'").ToString();
    }
}
