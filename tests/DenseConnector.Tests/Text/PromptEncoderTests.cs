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
    [InlineData(true)]
    [InlineData(false)]
    public void Encode_PromptWithItsOwnBos_KeepsItOnceAndDropsNothing(bool adds)
    {
        PromptEncoder encoder = new(new LoadedTokenizer(Model.Tokenizer(new TokenizerSettings { AddBos = adds })));

        Assert.Equal([1, SpaceA, -200, SpaceB, 6, -200], encoder.Encode("<s>a<image>ba<image>", hasBos: true));
    }

    [TokenizerDataFact]
    public void Encode_Llama3ChatPrompt_HasOneBosAndEveryTokenOfTheText()
    {
        PromptTemplate template = PromptTemplate.Find("llama_3_chat");
        string prompt = template.Format(
            [new ChatTurn(ChatRole.User, "<image>\nHi"), new ChatTurn(ChatRole.Assistant, null)], string.Empty);
        foreach (string folder in TestData.TokenizerFolders.Select(root => Path.Combine(root, "llama-3")))
        {
            CheckpointTokenizer[] forms =
            [
                Golden.Load(folder), Golden.LoadWithPostProcessor(folder, "post_processor_bos.json"),
            ];
            Assert.Equal([false, true], forms.Select(form => form.AddsBos));
            foreach (LoadedTokenizer tokenizer in forms.Select(form => new LoadedTokenizer(form)))
            {
                int[] ids = new PromptEncoder(tokenizer).Encode(prompt, template.WritesBosOnce);

                // The numbers of the special tokens are Meta's; "user", "\n\n", "\n", "Hi" and "assistant" as recorded.
                Assert.Equal(
                    [128000, 128006, 882, 128007, 271, -200, 198, 13347, 128009, 128006, 78191, 128007, 271], ids);
                Assert.Equal([128009, 128001], template.ExtraStopTokens.Select(token => tokenizer.IdOf(token)!.Value));
            }
        }
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("a<image>", 1)]
    [InlineData("<image><image>\n<Image>", 2)]
    public void CountSlots_Prompt_CountsMarks(string prompt, int expected) =>
        Assert.Equal(expected, PromptEncoder.CountSlots(prompt));

    private static int[] Encode(string prompt, TokenizerSettings settings) =>
        new PromptEncoder(new LoadedTokenizer(Model.Tokenizer(settings))).Encode(prompt);
}
