using DenseConnector.Cli.Evaluation.Vqa;

namespace DenseConnector.Cli.Tests.Evaluation.Vqa;

[Trait("Suite", "Evaluation")]
public sealed class VqaNormaliserTests
{
    [Fact]
    public void Normalise_EveryRow_EqualsTheOfficialText() => Assert.All(
        EvaluationData.Rows("textvqa", "normaliser_table.jsonl"),
        row => Assert.Equal(row.Text("processed"), VqaNormaliser.Normalise(row.Text("raw"))));

    [Fact]
    public void Normalise_MarkBesideAnother_TouchesNoSpaceOfTheInput() =>
        Assert.Equal("x y z", VqaNormaliser.Normalise("x/-y-z"));
}
