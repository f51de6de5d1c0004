using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class PromptTemplateTests
{
    private static readonly ChatTurn Open = new(ChatRole.Assistant, null);

    [Fact]
    public void Names_Bundled_AreThoseOfTheReferenceAndMetas()
    {
        string file = Path.Combine(TestData.Fixtures, "reference", "prompts.json");
        IEnumerable<string> recorded =
            Golden.Json(file).GetProperty("templates").EnumerateObject().Select(template => template.Name);

        Assert.Equal(recorded.Append("llama_3_chat").Order(StringComparer.Ordinal), PromptTemplate.Names);
        Assert.Equal(19, PromptTemplate.Names.Count);
    }

    [Fact]
    public void Find_UnknownName_ListsTheNames()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => PromptTemplate.Find("vicuna"));

        Assert.Contains("'vicuna'", error.Message, StringComparison.Ordinal);
        Assert.All(PromptTemplate.Names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("vicuna_v1", "Be brief. USER: Hi ASSISTANT:")]
    [InlineData("llava_v0", "Be brief.###Human: Hi###Assistant:")]
    [InlineData("llama_2", "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST]")]
    [InlineData("mistral_instruct", "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST]")]
    [InlineData(
        "chatml_direct",
        "<|im_start|>system\nBe brief.<|im_end|><|im_start|>user\nHi<|im_end|><|im_start|>assistant\n")]
    public void Format_OtherSystemText_TakesTheTemplatesPlace(string name, string expected) =>
        Assert.Equal(
            expected, PromptTemplate.Find(name).Format([new ChatTurn(ChatRole.User, "Hi"), Open], "Be brief."));

    [Fact]
    public void Format_Llama3SystemText_KeepsTheHeader()
    {
        string prompt = PromptTemplate.Find("llama_3").Format([Open], "Be brief.");

        Assert.StartsWith(
            "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>",
            prompt,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Format_Llama3Chat_IsMetasTemplate()
    {
        ChatTurn[] turns =
        [
            new ChatTurn(ChatRole.User, "\u001c Hi \n"),
            new ChatTurn(ChatRole.Assistant, " Ho\n"),
            new ChatTurn(ChatRole.User, string.Empty),
            Open,
        ];

        Assert.Equal(
            "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>" +
            "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>" +
            "<|start_header_id|>assistant<|end_header_id|>\n\nHo<|eot_id|>" +
            "<|start_header_id|>user<|end_header_id|>\n\n<|eot_id|>" +
            "<|start_header_id|>assistant<|end_header_id|>\n\n",
            PromptTemplate.Find("llama_3_chat").Format(turns, " Be brief. "));
    }

    [Fact]
    public void Format_Llama3ChatWithoutSystemText_HasNoSuchMessage() =>
        Assert.Equal(
            "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n<image>\nHi<|eot_id|>",
            PromptTemplate.Find("llama_3_chat").Format(
                [new ChatTurn(ChatRole.User, " Hi ", HasImageBeside: true)], string.Empty));

    [Fact]
    public void System_Llama3Chat_IsThatOfTheReferencesTemplate() =>
        Assert.Equal(PromptTemplate.Find("llama_3").System, PromptTemplate.Find("llama_3_chat").System);

    [Fact]
    public void Format_MistralInstruct_KeepsTheQuestionsSpace()
    {
        string prompt = PromptTemplate.Find("mistral_instruct").Format([new ChatTurn(ChatRole.User, " Hi")]);

        Assert.Equal("[INST]  Hi [/INST]", prompt);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("v0_plain")]
    public void Format_PlainWithAnswer_Throws(string name)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => PromptTemplate.Find(name).Format(
            [new ChatTurn(ChatRole.User, "Hi"), new ChatTurn(ChatRole.Assistant, "Ho")]));

        Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
        Assert.Equal("turns", error.ParamName);
    }

    [Fact]
    public void Format_Llama2StartingWithAnswer_Throws() =>
        Assert.Throws<ArgumentException>(
            () => PromptTemplate.Find("llama_2").Format([new ChatTurn(ChatRole.Assistant, "Hi")]));

    [Fact]
    public void Format_PictureBesideLaterMessage_LeavesItsText()
    {
        string prompt = PromptTemplate.Find("vicuna_v1").Format(
            [
                new ChatTurn(ChatRole.User, "Hi"),
                new ChatTurn(ChatRole.Assistant, "Ho"),
                new ChatTurn(ChatRole.User, string.Empty, HasImageBeside: true),
            ]);

        Assert.EndsWith("USER: Hi ASSISTANT: Ho</s>USER:  ", prompt, StringComparison.Ordinal);
    }

    [Fact]
    public void Format_PictureWithoutText_Throws() =>
        Assert.Throws<ArgumentException>(
            () => PromptTemplate.Find("v1").Format([new ChatTurn(ChatRole.User, null, HasImageBeside: true)]));

    [Fact]
    public void ExtraStopTokens_Llama3_EndsTurns()
    {
        Assert.Equal(["<|eot_id|>"], PromptTemplate.Find("llama_3").ExtraStopTokens);
        Assert.Equal(
            ["<|eot_id|>", "<|end_of_text|>"], PromptTemplate.Find("llama_3_chat").ExtraStopTokens);
        Assert.All(
            PromptTemplate.Names.Where(name => name is not ("llama_3" or "llama_3_chat")),
            name => Assert.Empty(PromptTemplate.Find(name).ExtraStopTokens));
    }
}
