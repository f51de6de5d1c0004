using System.Text.Json;
using DenseConnector.Configuration;

namespace DenseConnector.Imaging;

/// <summary>How an encoder wants its pictures: the content of <c>preprocessor_config.json</c>.</summary>
/// <remarks>
/// Two forms are read. CLIP: the shorter side becomes <c>size.shortest_edge</c> (or <c>size</c>, a number) and the
/// middle <c>crop_size</c> is cut out. SigLIP: the picture is squeezed to <c>size.height</c> × <c>size.width</c>.
/// Immutable.
/// </remarks>
internal sealed record ImageProcessorSettings
{
    /// <summary>The file a tower or checkpoint folder has for this.</summary>
    public const string FileName = "preprocessor_config.json";

    // Pillow's number for bicubic.
    private const int Bicubic = 3;

    private ImageProcessorSettings(PixelSize output, int? shortestEdge, PixelSize? exactSize)
    {
        Output = output;
        ShortestEdge = shortestEdge;
        ExactSize = exactSize;
    }

    /// <summary>
    /// Size of what the encoder reads, in pixels: the crop if there is one, else the resized picture.
    /// </summary>
    public PixelSize Output { get; private init; }

    /// <summary>Length that the shorter side gets, in pixels; <c>null</c> if <see cref="ExactSize"/> applies.</summary>
    public int? ShortestEdge { get; private init; }

    /// <summary>Size the picture is squeezed to; <c>null</c> if <see cref="ShortestEdge"/> applies.</summary>
    public PixelSize? ExactSize { get; private init; }

    /// <summary>Mean of red, green and blue, on the scale of 0 to 1.</summary>
    public required IReadOnlyList<double> Mean { get; init; }

    /// <summary>Standard deviation of red, green and blue, on the scale of 0 to 1.</summary>
    public required IReadOnlyList<double> StandardDeviation { get; init; }

    /// <summary>The mean colour, with which a picture is padded; fractions are cut off.</summary>
    public (byte Red, byte Green, byte Blue) Background => (Byte(Mean[0]), Byte(Mean[1]), Byte(Mean[2]));

    /// <summary>What a byte is multiplied with before normalisation: 1/255.</summary>
    public required double RescaleFactor { get; init; }

    /// <summary>Reads the settings of an encoder.</summary>
    /// <param name="json">The content of <c>preprocessor_config.json</c>.</param>
    /// <exception cref="ModelConfigException">A part is missing or asks for what is not supported.</exception>
    public static ImageProcessorSettings Read(ConfigJson json)
    {
        RequireStep(json, "do_resize");
        RequireStep(json, "do_rescale");
        RequireStep(json, "do_normalize");
        int resample = json.Int("resample", Bicubic);
        if (resample != Bicubic)
        {
            throw json.Unsupported("resample", $"{resample}", $"{Bicubic} (bicubic)");
        }

        (int? shortestEdge, PixelSize? exactSize) = ReadSize(json);

        // CLIP crops unless told not to; SigLIP has no crop.
        bool crops = json.Bool("do_center_crop", shortestEdge is not null);
        PixelSize output = crops ? ReadCrop(json)
            : exactSize ?? throw json.Unsupported(
                "do_center_crop", "false", "true, or a 'size' with 'height' and 'width'");
        return new ImageProcessorSettings(output, shortestEdge, exactSize)
        {
            Mean = ReadColor(json, "image_mean", value => value is >= 0 and <= 1, "from 0 to 1"),
            StandardDeviation = ReadColor(json, "image_std", value => value > 0, "above 0"),
            RescaleFactor = json.Double("rescale_factor", 1.0 / 255),
        };
    }

    /// <summary>Reads <c>preprocessor_config.json</c> in a folder.</summary>
    /// <exception cref="ModelConfigException">
    /// The file is missing, malformed, incomplete, or asks for what is not supported.
    /// </exception>
    public static ImageProcessorSettings Load(string folder) =>
        Read(ConfigJson.Load(Path.Combine(folder, FileName)));

    /// <summary>The same steps for another square output of <paramref name="side"/> pixels.</summary>
    public ImageProcessorSettings WithSide(int side)
    {
        PixelSize square = new(side, side);
        return this with
        {
            Output = square,
            ShortestEdge = ShortestEdge is null ? null : side,
            ExactSize = ExactSize is null ? null : square,
        };
    }

    private static byte Byte(double mean) => (byte)(mean * 255);

    private static void RequireStep(ConfigJson json, string key)
    {
        if (!json.Bool(key, true))
        {
            throw json.Unsupported(key, "false", "true");
        }
    }

    private static (int? ShortestEdge, PixelSize? ExactSize) ReadSize(ConfigJson json)
    {
        switch (json.Raw("size"))
        {
            case { ValueKind: JsonValueKind.Number }:
                // transformers' get_size_dict: one number is a square for SigLIP, the shorter side for CLIP.
                int number = json.PositiveInt("size");
                return json.String("image_processor_type") == "SiglipImageProcessor"
                    ? (null, new PixelSize(number, number))
                    : (number, null);
            case { ValueKind: JsonValueKind.Object }:
                ConfigJson size = json.Object("size")!;
                return size.Has("shortest_edge")
                    ? (size.PositiveInt("shortest_edge"), null)
                    : (null, new PixelSize(size.PositiveInt("width"), size.PositiveInt("height")));
            default:
                throw json.Unsupported(
                    "size", "missing or of another kind", "a number, {shortest_edge} and {height, width}");
        }
    }

    private static PixelSize ReadCrop(ConfigJson json)
    {
        if (json.Raw("crop_size") is { ValueKind: JsonValueKind.Object })
        {
            ConfigJson crop = json.Object("crop_size")!;
            return new PixelSize(crop.PositiveInt("width"), crop.PositiveInt("height"));
        }

        int side = json.PositiveInt("crop_size");
        return new PixelSize(side, side);
    }

    private static double[] ReadColor(ConfigJson json, string key, Func<double, bool> accepted, string range) =>
        json.Doubles(key) is { Length: 3 } color && color.All(accepted)
            ? color
            : throw json.Unsupported(key, Found(json, key), $"three numbers {range}");

    private static string Found(ConfigJson json, string key) => json.Raw(key)?.GetRawText() ?? "missing";
}
