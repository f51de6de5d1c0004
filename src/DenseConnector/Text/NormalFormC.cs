using System.Globalization;
using System.Reflection;
using System.Text;

namespace DenseConnector.Text;

/// <summary>Unicode's normal form C, as the normaliser <c>NFC</c> of a <c>tokenizer.json</c> gives it.</summary>
/// <remarks>
/// Of our own, because <see cref="string.Normalize()"/> leaves texts as they are where an application runs without ICU
/// (invariant globalization), and ids must not depend on that. The algorithm is that of Unicode Standard Annex 15.
/// </remarks>
internal static class NormalFormC
{
    // Below this no character decomposes further when it stands alone, combines with one before it, or is reordered.
    private const char FirstCombining = '\u0300';

    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28;

    private static readonly Dictionary<int, int[]> Decompositions = [];
    private static readonly Dictionary<(int First, int Second), int> Compositions = [];
    private static readonly Dictionary<int, byte> Classes = [];

    static NormalFormC()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("canonical-forms.txt")!;
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is string line)
        {
            if (line[0] != '#')
            {
                ReadLine(line);
            }
        }
    }

    /// <summary>Normalises a text.</summary>
    /// <param name="text">A text without lone surrogates.</param>
    /// <param name="origins">
    /// For each character of the result the range of the text it comes from; where a few characters changed together,
    /// the range of them all.
    /// </param>
    /// <returns>The normalised text, or <c>null</c> if the text is normalised already.</returns>
    public static string? Normalize(ReadOnlySpan<char> text, out List<Range> origins)
    {
        origins = [];
        if (text.IndexOfAnyExceptInRange('\0', (char)(FirstCombining - 1)) < 0)
        {
            return null;
        }

        StringBuilder result = new();
        for (int start = 0, end; start < text.Length; start = end)
        {
            // What comes before FirstCombining is a border: nothing before it changes with it.
            int next = text[(start + 1)..].IndexOfAnyInRange('\0', (char)(FirstCombining - 1));
            end = next < 0 ? text.Length : start + 1 + next;
            ReadOnlySpan<char> part = text[start..end];
            string normal = part.Length == 1 && part[0] < FirstCombining ? part.ToString() : Compose(Decompose(part));
            result.Append(normal);
            bool same = part.SequenceEqual(normal);
            for (int i = 0; i < normal.Length; i++)
            {
                origins.Add(same ? (start + i)..(start + i + 1) : start..end);
            }
        }

        string whole = result.ToString();
        return text.SequenceEqual(whole) ? null : whole;
    }

    private static List<int> Decompose(ReadOnlySpan<char> text)
    {
        List<int> points = [];
        foreach (Rune rune in text.EnumerateRunes())
        {
            Add(rune.Value);
        }

        // Marks in a row are ordered by class, those of one class as they stand.
        for (int start = 0, end; start < points.Count; start = end)
        {
            end = start + 1;
            if (ClassOf(points[start]) == 0)
            {
                continue;
            }

            end = points.FindIndex(end, point => ClassOf(point) == 0);
            end = end < 0 ? points.Count : end;
            List<int> ordered = [.. points.GetRange(start, end - start).OrderBy(ClassOf)];
            for (int i = start; i < end; i++)
            {
                points[i] = ordered[i - start];
            }
        }

        return points;

        void Add(int point)
        {
            int syllable = point - HangulBase;
            if (syllable is >= 0 and < Leads * Vowels * Tails)
            {
                points.Add(LeadBase + (syllable / (Vowels * Tails)));
                points.Add(VowelBase + (syllable / Tails % Vowels));
                if (syllable % Tails != 0)
                {
                    points.Add(TailBase + (syllable % Tails));
                }
            }
            else if (Decompositions.TryGetValue(point, out int[]? parts))
            {
                Array.ForEach(parts, Add);
            }
            else
            {
                points.Add(point);
            }
        }
    }

    private static string Compose(List<int> points)
    {
        int starter = -1, count = 0, lastClass = 0;
        for (int i = 0; i < points.Count; i++)
        {
            int point = points[i];

            // Blocked is a mark with one of its own or a higher class between it and the starter.
            int kind = ClassOf(point);
            bool adjacent = starter == count - 1;
            if (starter >= 0 && (adjacent || (lastClass != 0 && lastClass < kind)) &&
                Pair(points[starter], point) is int composed)
            {
                points[starter] = composed;
                continue;
            }

            starter = kind == 0 ? count : starter;
            lastClass = kind;
            points[count++] = point;
        }

        StringBuilder text = new();
        foreach (int point in points.Take(count))
        {
            text.Append(new Rune(point));
        }

        return text.ToString();
    }

    private static int? Pair(int first, int second)
    {
        int lead = first - LeadBase, vowel = second - VowelBase;
        if (lead is >= 0 and < Leads && vowel is >= 0 and < Vowels)
        {
            return HangulBase + (((lead * Vowels) + vowel) * Tails);
        }

        int syllable = first - HangulBase, tail = second - TailBase;
        if (syllable is >= 0 and < Leads * Vowels * Tails && syllable % Tails == 0 && tail is > 0 and < Tails)
        {
            return first + tail;
        }

        return Compositions.TryGetValue((first, second), out int composed) ? composed : null;
    }

    private static int ClassOf(int point) => Classes.GetValueOrDefault(point);

    private static void ReadLine(string line)
    {
        string[] words = line.TrimStart('!', '+').Split(' ');
        if (line[0] == '+')
        {
            for (int point = Hex(words[0]); point <= Hex(words[1]); point++)
            {
                Classes.Add(point, byte.Parse(words[2], CultureInfo.InvariantCulture));
            }

            return;
        }

        int[] parts = [.. words.Skip(1).Select(Hex)];
        Decompositions.Add(Hex(words[0]), parts);
        if (line[0] != '!')
        {
            Compositions.Add((parts[0], parts[1]), Hex(words[0]));
        }
    }

    private static int Hex(string word) => int.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
