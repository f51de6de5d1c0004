using CsCheck;
using DenseConnector.Text;

namespace DenseConnector.Tests.Text;

public sealed class SentencePieceMergesTests
{
    private static readonly string[] Letters = ["a", "b", "c", "\u2581", "\u00e9", "\U0001F600", "\U0001F601"];

    [Fact]
    public void Encode_EqualScores_MergesLeftmostFirst()
    {
        SentencePieceModel model = new ModelFile().AddBasics().Add("a", -2).Add("aa", -1).Parse();

        Assert.Equal([4, 4, 3], Encode(model, "aaaaa"));
    }

    [Fact]
    public void Encode_HigherScore_GoesFirst()
    {
        SentencePieceModel model = ModelFile.WithPieces("bc", "ab", "a", "b", "c").Parse();

        Assert.Equal([5, 3], Encode(model, "abc"));
    }

    [Fact]
    public void Encode_PieceOutOfReach_IsNotUsed()
    {
        // "abc" is a piece, but no two of its parts are.
        SentencePieceModel model = ModelFile.WithPieces("abc", "a", "b", "c").Parse();

        Assert.Equal([4, 5, 6], Encode(model, "abc"));
    }

    [Fact]
    public void Encode_CharacterThatIsNoPiece_StillMerges()
    {
        SentencePieceModel model = ModelFile.WithPieces("ab").Parse();

        Assert.Equal([3], Encode(model, "ab"));
    }

    [Fact]
    public void Encode_UserDefinedPiece_IsTakenWholeAndNeverMerged()
    {
        SentencePieceModel model = ModelFile.WithPieces("a", "b", "xa", "ab", "x")
            .Add("aa", 0, SentencePieceType.UserDefined).Parse();

        Assert.Equal([7, 8, 4], Encode(model, "xaab"));
    }

    [Fact]
    public void Encode_UnknownRun_IsOneUnknownPiece()
    {
        SentencePieceModel model = ModelFile.WithPieces("a").Parse();

        Assert.Equal([0, 3, 0], Encode(model, "\u4f60\u597da\U0001F600"));
    }

    [Fact]
    public void Encode_UnknownWithByteFallback_IsItsBytes()
    {
        SentencePieceModel model = ModelFile.WithBytes("a").Parse();

        Assert.Equal([3 + 0xF0, 3 + 0x9F, 3 + 0x98, 3 + 0x80, 259], Encode(model, "\U0001F600a"));
    }

    [Fact]
    public void Encode_UnusedPiece_IsTakenApart()
    {
        SentencePieceModel model = ModelFile.WithPieces("a", "b", "c", "bc")
            .Add("abc", 1, SentencePieceType.Unused).Parse();

        Assert.Equal([3, 6], Encode(model, "abc"));
    }

    [Fact]
    public void Encode_RandomVocabularyAndText_EqualsPlainAlgorithm()
    {
        // Few letters, so that pieces overlap in every way; long texts also take the path with the heap.
        Gen<string> character = Gen.Int[0, Letters.Length - 1].Select(i => Letters[i]);
        Gen<string> piece = character.Array[1, 4].Select(string.Concat);
        Gen<SentencePieceType> type = Gen.Int[0, 14].Select(kind => kind switch
        {
            0 => SentencePieceType.UserDefined,
            1 => SentencePieceType.Unused,
            2 => SentencePieceType.Control,
            _ => SentencePieceType.Normal,
        });
        Gen.Select(
            Gen.Select(piece, Gen.Int[-5, 0], type).List[0, 25],
            character.Array[0, 90].Select(string.Concat),
            Gen.Bool).Sample((pieces, text, bytes) =>
            {
                ModelFile file = bytes ? ModelFile.WithBytes() : ModelFile.WithPieces();
                foreach ((string content, int score, SentencePieceType kind) in pieces.DistinctBy(entry => entry.Item1))
                {
                    file.Add(content, score, kind);
                }

                SentencePieceModel model = file.Parse();
                Assert.Equal(new StringMerges(model).Encode(text), Encode(model, text));
            });
    }

    private static List<int> Encode(SentencePieceModel model, string text)
    {
        List<int> ids = [];
        new SentencePieceMerges(model).Encode(text, ids, null);
        return ids;
    }
}
