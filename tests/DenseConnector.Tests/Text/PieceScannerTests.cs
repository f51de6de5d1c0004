using System.Text.RegularExpressions;
using CsCheck;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class PieceScannerTests
{
    // What the patterns tell apart, and the ends of contractions.
    private static readonly Gen<string> AnyText = Gen.Char[
        "  \t\n\r\u00a0\u0085\u3000\u001c'''sStTmMdDrRvVeElLaZ\u00e9\u4f60\u01c5\u02b0\u0301" +
        "009\u0663\u2167\u00bd.,-_\u20ac\0\u200d\ufffd"]
        .Array[0, 24].Select(characters => new string(characters));

    [Theory]
    [InlineData("Hello world", "Hello| world")]
    [InlineData("  two  spaces ", " | two| | spaces| ")]
    [InlineData("it's we'll I've you're I'm he'd don't", "it|'s| we|'ll| I|'ve| you|'re| I|'m| he|'d| don|'t")]
    [InlineData("IT'S", "IT|'|S")]
    [InlineData("a1b22", "a|1|b|22")]
    [InlineData(" 12345.6", " 12345|.|6")]
    [InlineData("a\n\nb", "a|\n|\n|b")]
    [InlineData("a \n b", "a| \n| b")]
    [InlineData("\t\tx", "\t|\t|x")]
    [InlineData("...!? ...", "...!?| ...")]
    [InlineData("\U0001F600\U0001F600a\U00020000", "\U0001F600\U0001F600|a\U00020000")]
    [InlineData(" \U0001D7D8", " \U0001D7D8")]
    [InlineData("a\u001cb", "a|\u001c|b")]
    public void Gpt2_Text_IsSplitAsThePatternSays(string text, string expected) =>
        Assert.Equal(expected, Split(Gpt2Scanner.EndOfPiece, text));

    [Theory]
    [InlineData("Hello world", "Hello| world")]
    [InlineData("  two  spaces ", " | two| | spaces| ")]
    [InlineData("IT'S We'LL 'RE", "IT|'S| We|'LL| '|RE")]
    [InlineData("x'\u017f", "x|'\u017f")]
    [InlineData("x'z", "x|'z")]
    [InlineData("1234567", "123|456|7")]
    [InlineData(" 12", " |12")]
    [InlineData("a\n\nb", "a|\n\n|b")]
    [InlineData("a \n \n  b", "a| \n \n| | b")]
    [InlineData("\t\tx", "\t|\tx")]
    [InlineData("\nx", "\n|x")]
    [InlineData("ab.\r\n\nc", "ab|.\r\n\n|c")]
    [InlineData(" ...", " ...")]
    [InlineData("\u00a0...", "\u00a0|...")]
    [InlineData("(x", "(x")]
    [InlineData("\U0001F600x", "\U0001F600x")]
    [InlineData("\U0001D7D8\U0001D7D9\U0001D7DA\U0001D7DB", "\U0001D7D8\U0001D7D9\U0001D7DA|\U0001D7DB")]
    public void Llama3_Text_IsSplitAsThePatternSays(string text, string expected) =>
        Assert.Equal(expected, Split(Llama3Scanner.EndOfPiece, text));

    [Theory]
    [InlineData("1234567", "1|2|3|4|5|6|7")]
    [InlineData("a12 34", "a|1|2| |3|4")]
    [InlineData("  two  spaces ", " | two| | spaces| ")]
    [InlineData("IT'S We'LL 'RE", "IT|'S| We|'LL| '|RE")]
    [InlineData("a \n \n  b.\r\nc", "a| \n \n| | b|.\r\n|c")]
    [InlineData("\U0001D7D8\U0001D7D9\u00bd", "\U0001D7D8|\U0001D7D9|\u00bd")]
    public void Qwen2_Text_IsSplitAsThePatternSays(string text, string expected) =>
        Assert.Equal(expected, Split(Qwen2Scanner.EndOfPiece, text));

    [Fact]
    public void Qwen2_AnyText_IsSplitAsTheExpressionDoes() =>
        AssertSplitsAs(Qwen2Scanner.EndOfPiece, Qwen2Scanner.Pattern);

    [Fact]
    public void Gpt2_AnyText_IsSplitAsTheExpressionDoes() =>
        AssertSplitsAs(Gpt2Scanner.EndOfPiece, Gpt2Scanner.Pattern);

    [Fact]
    public void Llama3_AnyText_IsSplitAsTheExpressionDoes() =>
        AssertSplitsAs(Llama3Scanner.EndOfPiece, Llama3Scanner.Pattern);

    [Fact]
    public void EndOfPiece_AnyCharacters_LeavesNothingOut() =>
        Gen.Int[0, 0x10FFFF].Where(code => code is < 0xD800 or > 0xDFFF).Array[0, 30].Sample(codes =>
        {
            string text = string.Concat(codes.Select(char.ConvertFromUtf32));
            PieceScanner[] scanners = [Gpt2Scanner.EndOfPiece, Llama3Scanner.EndOfPiece, Qwen2Scanner.EndOfPiece];
            foreach (PieceScanner scanner in scanners)
            {
                Assert.Equal(text, string.Concat(Pieces(scanner, text)));
            }
        });

    private static void AssertSplitsAs(PieceScanner scanner, string pattern)
    {
        Regex expression = new(pattern, RegexOptions.CultureInvariant);
        AnyText.Sample(
            text => Assert.Equal(expression.Matches(text).Select(match => match.Value), Pieces(scanner, text)),
            iter: 20_000);
    }

    private static string Split(PieceScanner scanner, string text) => string.Join('|', Pieces(scanner, text));

    private static List<string> Pieces(PieceScanner scanner, string text)
    {
        List<string> pieces = [];
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = scanner(text, start);
            Assert.InRange(end, start + 1, text.Length);
            pieces.Add(text[start..end]);
        }

        return pieces;
    }
}
