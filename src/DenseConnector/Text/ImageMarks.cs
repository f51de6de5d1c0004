namespace DenseConnector.Text;

/// <summary>Puts <c>&lt;image&gt;</c> marks into a message that comes with pictures.</summary>
/// <param name="tagged">
/// Whether the model wants a start and an end token around each (<c>mm_use_im_start_end</c>).
/// </param>
internal sealed class ImageMarks(bool tagged)
{
    private readonly string _line = tagged
        ? $"<im_start>{PromptEncoder.ImageMark}<im_end>\n"
        : $"{PromptEncoder.ImageMark}\n";

    /// <summary>
    /// Gives a text its marks: those it has, or, if it has none, one for each picture in front, as the models were
    /// trained.
    /// </summary>
    /// <param name="text">The message.</param>
    /// <param name="pictures">How many pictures come with it.</param>
    /// <exception cref="ArgumentException">The text has marks, but not one for each picture.</exception>
    public string Place(string text, int pictures)
    {
        int marks = PromptEncoder.CountSlots(text);
        return marks == pictures ? text
            : marks == 0 ? string.Concat(Enumerable.Repeat(_line, pictures)) + text
            : throw new ArgumentException(
                $"The text has {marks} {PromptEncoder.ImageMark} marks for {pictures} pictures; " +
                "give one mark for each picture, or none.");
    }
}
