namespace DenseConnector;

/// <summary>The frames of a video, in order; together they fill one slot of a prompt.</summary>
/// <remarks>
/// Each frame gives as many visual tokens as a picture, or half as many if <see cref="Pool"/> is set.
/// </remarks>
/// <param name="Frames">The frames, at least one.</param>
public sealed record VideoInput(IReadOnlyList<ImageInput> Frames) : VisualInput
{
    /// <summary>
    /// Whether the visual tokens of each frame are max-pooled in pairs, as the official evaluation scripts do
    /// (<c>--use_pool</c>); an odd last token is dropped.
    /// </summary>
    public bool Pool { get; init; } = true;

    /// <summary>The frames, at least one and none <c>null</c>.</summary>
    /// <exception cref="ArgumentException">There is no frame, or one is <c>null</c>.</exception>
    public IReadOnlyList<ImageInput> Frames
    {
        get;
        init => field = Checked(value);
    }
    = Checked(Frames);

    /// <summary>
    /// Which frames of a video the official evaluation looks at: the middles of equal parts (<c>get_seq_frames</c>).
    /// </summary>
    /// <param name="totalFrames">Frames the video has, at least 1.</param>
    /// <param name="wantedFrames">Frames to look at, at least 1; a short video repeats some.</param>
    /// <returns>Indices in order, each from 0 to <paramref name="totalFrames"/> − 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    public static IReadOnlyList<int> SampleFrames(int totalFrames, int wantedFrames)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(totalFrames, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(wantedFrames, 1);
        double part = (double)(totalFrames - 1) / wantedFrames;
        return [.. Enumerable.Range(0, wantedFrames).Select(i => (int)((Border(i) + Border(i + 1)) / 2))];

        // numpy rounds half to even, as Math.Round does.
        long Border(int index) => (long)Math.Round(part * index);
    }

    private static IReadOnlyList<ImageInput> Checked(IReadOnlyList<ImageInput> frames) =>
        frames is { Count: > 0 } && frames.All(frame => frame is not null)
            ? [.. frames]
            : throw new ArgumentException("A video needs at least one frame, and none may be null.", nameof(frames));
}
