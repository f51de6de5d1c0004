using DenseConnector.Cli.Evaluation.Vqa;

namespace DenseConnector.Cli.Tests.Evaluation.Vqa;

[Trait("Suite", "Evaluation")]
public sealed class VqaUploadTests
{
    [Fact]
    public void ForVqaV2_OfTheMergedAnswers_GivesTheOfficialFile()
    {
        VqaUpload upload = VqaUpload.ForVqaV2(
            EvaluationData.File("vqav2", "llava_vqav2_mscoco_test2015.jsonl"),
            EvaluationData.File("vqav2", "merge.jsonl"));
        Assert.Equal(EvaluationData.Text("vqav2", "expected_upload.json"), upload.File);
        Assert.Equal(EvaluationData.Value("vqav2", "expected_stdout.json").GetString(), upload.Report());
    }

    [Fact]
    public void ForVizWiz_OfTheAnswers_GivesTheOfficialFile()
    {
        VqaUpload upload = VqaUpload.ForVizWiz(
            EvaluationData.File("vizwiz", "llava_test.jsonl"), EvaluationData.File("vizwiz", "answers.jsonl"));
        Assert.Equal(EvaluationData.Text("vizwiz", "expected_upload.json"), upload.File);
        Assert.Equal(EvaluationData.Value("vizwiz", "expected_stdout.json").GetString(), upload.Report());
    }

    [Fact]
    public void ForVizWiz_QuestionWithoutAnswer_IsRefused()
    {
        IOException error = Assert.Throws<IOException>(() => VqaUpload.ForVizWiz(
            EvaluationData.File("vizwiz", "llava_test.jsonl"), EvaluationData.File("vqav2", "answers.jsonl")));
        Assert.Contains("line 1: the question has no answer", error.Message, StringComparison.Ordinal);
    }
}
