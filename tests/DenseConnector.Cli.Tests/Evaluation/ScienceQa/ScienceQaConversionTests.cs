using DenseConnector.Cli.Evaluation.Python;
using DenseConnector.Cli.Evaluation.ScienceQa;

namespace DenseConnector.Cli.Tests.Evaluation.ScienceQa;

[Trait("Suite", "Evaluation")]
public sealed class ScienceQaConversionTests
{
    [Fact]
    public void Convert_TestSplit_IsWhatTheOfficialScriptWrote() => Assert.Equal(
        PythonJson.Write(EvaluationData.Value("scienceqa", "converted_by_official_script.json")),
        PythonJson.Write(ScienceQaConversion.Convert(
            EvaluationData.File("scienceqa", "problems.json"),
            EvaluationData.File("scienceqa", "pid_splits.json"),
            "test")));
}
