using System.Text;

namespace DenseConnector.Cli.Evaluation.MmBench;

/// <summary>Decodes the pictures of MMBench, which its files hold as base64.</summary>
internal static class MmBenchPicture
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const int Group = 4;

    /// <summary>The bytes of a picture file, decoded as Python's <c>b64decode</c> does.</summary>
    /// <remarks>Characters that are no base64 are passed over, and all that follows the padding.</remarks>
    /// <exception cref="FormatException">The text breaks off.</exception>
    public static byte[] Decode(string text)
    {
        StringBuilder kept = new(text.Length);
        int padding = 0;
        foreach (char c in text)
        {
            if (c == '=')
            {
                int used = kept.Length % Group;
                if (used >= 2 && used + ++padding >= Group)
                {
                    return Convert.FromBase64String(kept.Append('=', Group - used).ToString());
                }
            }
            else if (Alphabet.Contains(c, StringComparison.Ordinal))
            {
                padding = 0;
                kept.Append(c);
            }
        }

        return Convert.FromBase64String(kept.ToString());
    }
}
