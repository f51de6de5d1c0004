using CsCheck;
using DenseConnector.Hub;

namespace DenseConnector.Tests.Hub;

public sealed class HubPathTests
{
    [Theory]
    [InlineData("config.json")]
    [InlineData("vision_tower/model-00001-of-00002.safetensors")]
    [InlineData("refs/pr/1")]
    [InlineData(".gitattributes")]
    [InlineData("naïve.json")]
    public void ProblemOf_PlainName_IsNone(string name) => Assert.Null(HubPath.ProblemOf(name));

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/../b")]
    [InlineData("a/..")]
    [InlineData("./a")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("a\\b")]
    [InlineData("c:a")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a. ")]
    [InlineData("a.")]
    public void ProblemOf_OtherName_IsSaid(string name)
    {
        Assert.NotNull(HubPath.ProblemOf(name));
        Assert.Throws<ArgumentException>(() => HubPath.Join(Path.GetTempPath(), name));
    }

    [Fact]
    public void Join_AnyText_StaysInsideOrThrows() => Gen.String[Gen.Char["..//\\a \0"], 0, 12]
        .Sample(name =>
        {
            string root = Path.Combine(Path.GetTempPath(), "root");
            try
            {
                Assert.StartsWith(
                    root + Path.DirectorySeparatorChar, Path.GetFullPath(HubPath.Join(root, name)),
                    StringComparison.Ordinal);
            }
            catch (ArgumentException)
            {
                // Refused.
            }
        });

    [Theory]
    [InlineData("openai/clip-vit-large-patch14-336", true)]
    [InlineData("HuanjinYao/DenseConnector-v1.5-7B", true)]
    [InlineData("a/b", true)]
    [InlineData("name", false)]
    [InlineData("a/b/c", false)]
    [InlineData("a/..", false)]
    [InlineData("../b", false)]
    [InlineData("./b", false)]
    [InlineData("/b", false)]
    [InlineData("a/b.git", false)]
    [InlineData("a--b/c", false)]
    [InlineData("a/b c", false)]
    [InlineData("a/b\n", false)]
    [InlineData("a\\b/c", false)]
    [InlineData("", false)]
    public void TryParse_Repository_OwnerAndNameOnly(string text, bool expected) =>
        Assert.Equal(expected, RepositoryName.TryParse(text, out _));
}
