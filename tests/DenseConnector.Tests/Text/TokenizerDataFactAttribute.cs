namespace DenseConnector.Tests.Text;

/// <summary>
/// A test that needs real vocabularies, which are not part of the repository; skipped with a reason without them.
/// </summary>
internal sealed class TokenizerDataFactAttribute : FactAttribute
{
    public TokenizerDataFactAttribute()
    {
        if (TestData.TokenizerFolders.Count == 0)
        {
            Skip = "No tokenizer data: set DENSECONNECTOR_TOKENIZERS to a folder of tokenizers with cases.jsonl.";
        }
    }
}
