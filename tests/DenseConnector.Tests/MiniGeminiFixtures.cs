using DenseConnector.Tests.Reference;

namespace DenseConnector.Tests;

/// <summary>The two tiny Mini-Gemini models of the repository.</summary>
internal static class MiniGeminiFixtures
{
    /// <summary>Plain; both towers' weights lie in the checkpoint.</summary>
    public static ReferenceFixture Plain => Named("mgm_clip_convnext");

    /// <summary>With Dense Channel Integration; both towers lie in folders of their own.</summary>
    public static ReferenceFixture Dense => Named("mgm_clip_convnext_dci_derived");

    private static ReferenceFixture Named(string name) => new(Path.Combine(TestData.Fixtures, "reference"), name);
}
