using DenseConnector.Generation;
using DenseConnector.Imaging;
using DenseConnector.Multimodal;
using DenseConnector.Text;

namespace DenseConnector.Tests.Generation;

public sealed class GenerationInputTests
{
    private const int Slot = PromptEncoder.ImageSlot;

    private static readonly VisualSlot First = Make(0.5f, 2);
    private static readonly VisualSlot Second = Make(0.25f, 3);

    [Fact]
    public void Positions_PicturesAndText_SaysWhatStandsWhere()
    {
        GenerationInput input = new([7, Slot, 8, Slot], [First, Second], 6, 9, 1000);

        Assert.Equal(
            [
                new(null, 7), new(First.Hash, 0), new(First.Hash, 1), new(null, 8),
                new(Second.Hash, 0), new(Second.Hash, 1), // The prompt is cut here.
            ],
            input.Positions());
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(1, 1, 0, 1)]
    [InlineData(2, 1, 0, 1)]
    [InlineData(3, 2, 1, 3)]
    [InlineData(4, 3, 1, 4)]
    [InlineData(6, 3, 1, 4)]
    [InlineData(7, 4, 2, 7)]
    public void Find_Position_GivesTheIdItBelongsTo(int position, int id, int slot, int start)
    {
        GenerationInput input = new([7, Slot, 8, Slot, 9], [First, Second], 8, 9, 1000);

        Assert.Equal(new PromptPlace(id, slot, start), input.Find(position));
    }

    [Fact]
    public void Hash_WhatDecidesTheVisualTokens_MakesItAnother()
    {
        PixelValues pixels = First.Pixels;
        VideoInput video = new([ImageInput.FromPixels(1, 1, new byte[3])]);
        VisualSlot[] different =
        [
            First,
            Second,
            new(pixels with { Values = [.. pixels.Values.Reverse()] }, First.Size, 2),
            new(pixels with { Height = 4, Width = 1 }, First.Size, 2),
            new(pixels with { Tiles = 2, Height = 1 }, First.Size, 2),
            new(pixels, new PixelSize(3, 2), 2),
            new(pixels, First.Size, 2, video),
            new(pixels, First.Size, 2, video with { Pool = !video.Pool }),
        ];

        Assert.Equal(different.Length, different.Select(slot => slot.Hash).Distinct().Count());
        Assert.Equal(First.Hash, Make(0.5f, 2).Hash);
    }

    private static VisualSlot Make(float step, int tokens) => new(
        new PixelValues([.. Enumerable.Range(0, 12).Select(i => i * step)], 1, 2, 2), new PixelSize(2, 2), tokens);
}
