using System.Text;
using DenseConnector.Configuration;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Tests.Configuration;

public sealed class LoraConfigReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", 2)]
    [InlineData(""","use_rslora":false""", 2)]
    [InlineData(""","use_rslora":true""", 8)]
    public void Read_Scale_IsAlphaOverRankOrItsRoot(string more, double scale)
    {
        LoraConfig config = Read($$"""{"peft_type":"LORA","r":16,"lora_alpha":32{{more}}}""");

        Assert.Equal(16, config.Rank);
        Assert.Equal(scale, config.Scale);
        Assert.Null(config.Targets);
    }

    [Fact]
    public void Read_TargetList_GivesTheLastNames() => Assert.Equal(
        ["q_proj", "v_proj"],
        Read("""{"peft_type":"LORA","r":1,"lora_alpha":1,"target_modules":["q_proj","model.x.v_proj"]}""")
            .Targets!.Order());

    [Fact]
    public void Read_TargetPattern_GivesNoList() => Assert.Null(
        Read("""{"peft_type":"LORA","r":1,"lora_alpha":1,"target_modules":"all-linear"}""").Targets);

    [Fact]
    public void Read_WhatChangesNothing_IsTaken() => Read(
        """
        {"peft_type":"LORA","r":1,"lora_alpha":1,"use_dora":false,"rank_pattern":{},"modules_to_save":null,
         "lora_dropout":0.05,"bias":"none","inference_mode":true,"a_later_key":true}
        """);

    [Theory]
    [InlineData("""{"peft_type":"IA3"}""", "'peft_type' is 'IA3', supported are 'LORA'")]
    [InlineData("""{"r":1}""", "'peft_type' is missing")]
    [InlineData("""{"peft_type":"LORA","lora_alpha":1}""", "'r' is missing")]
    [InlineData("""{"peft_type":"LORA","r":0,"lora_alpha":1}""", "'r' is 0")]
    [InlineData("""{"peft_type":"LORA","r":1}""", "'lora_alpha' is missing")]
    [InlineData("""{"peft_type":"LORA","bias":"all"}""", "'bias' is 'all'")]
    [InlineData("""{"peft_type":"LORA","use_dora":true}""", "'use_dora' is true")]
    [InlineData("""{"peft_type":"LORA","fan_in_fan_out":true}""", "'fan_in_fan_out' is true")]
    [InlineData("""{"peft_type":"LORA","lora_bias":true}""", "'lora_bias' is true")]
    [InlineData("""{"peft_type":"LORA","rank_pattern":{"q_proj":4}}""", "'rank_pattern' is {\"q_proj\":4}")]
    [InlineData("""{"peft_type":"LORA","modules_to_save":["lm_head"]}""", "'modules_to_save' is [\"lm_head\"]")]
    [InlineData("""{"peft_type":"LORA","trainable_token_indices":[1]}""", "'trainable_token_indices' is [1]")]
    [InlineData("""{"peft_type":"LORA","r":1,"lora_alpha":1,"target_modules":[1]}""", "'target_modules' is [1]")]
    [InlineData("[]", "expected an object")]
    public void Read_OtherAdapter_Throws(string json, string problem)
    {
        ModelConfigException error = Assert.Throws<ModelConfigException>(() => Read(json));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.EndsWith(LoraConfig.FileName, error.File, StringComparison.Ordinal);
    }

    private LoraConfig Read(string json)
    {
        _folder.Write(LoraConfig.FileName, Encoding.UTF8.GetBytes(json));
        return LoraConfigReader.Read(_folder.Path);
    }
}
