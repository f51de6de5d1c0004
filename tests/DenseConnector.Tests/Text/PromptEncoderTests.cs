using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class PromptEncoderTests
{
    private const int SpaceA = 3, SpaceB = 4;

    private static readonly ModelFile Model = ModelFile.WithPieces("\u2581a", "\u2581b", "\u2581", "a", "b");

    [Theory]
    [InlineData("a", new[] { 1, SpaceA })]
    [InlineData("", new[] { 1 })]
    [InlineData("a<image>b", new[] { 1, SpaceA, -200, SpaceB })]
    [InlineData("<image>b", new[] { 1, -200, SpaceB })]
    [InlineData("<image><image>", new[] { 1, -200, -200 })]
    public void Encode_TokenizerWithBos_KeepsItOnce(string prompt, int[] expected) =>
        Assert.Equal(expected, Encode(prompt, new TokenizerSettings()));

    [Fact]
    public void Encode_TokenizerWithoutBos_DropsNothing() =>
        Assert.Equal([SpaceA, -200, SpaceB], Encode("a<image>b", new TokenizerSettings { AddBos = false }));

    [Fact]
    public void Encode_BosWrittenOutOnly_DropsTheFirstIdOfEveryText() =>
        Assert.Equal([1, SpaceA, -200, 6], Encode("<s>a<image>ba", new TokenizerSettings { AddBos = false }));

    [Theory]
    [InlineData("", 0)]
    [InlineData("a<image>", 1)]
    [InlineData("<image><image>\n<Image>", 2)]
    public void CountSlots_Prompt_CountsMarks(string prompt, int expected) =>
        Assert.Equal(expected, PromptEncoder.CountSlots(prompt));

    private static int[] Encode(string prompt, TokenizerSettings settings) =>
        new PromptEncoder(new LoadedTokenizer(Model.Tokenizer(settings))).Encode(prompt);
}
