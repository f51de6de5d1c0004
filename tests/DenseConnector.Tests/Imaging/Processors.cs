using System.Text;
using DenseConnector.Configuration;
using DenseConnector.Imaging;

namespace DenseConnector.Tests.Imaging;

/// <summary>The picture settings of the two encoders, as in their public <c>preprocessor_config.json</c>.</summary>
internal static class Processors
{
    public const string ClipJson = """
        {
          "crop_size": 336, "do_center_crop": true, "do_normalize": true, "do_resize": true,
          "feature_extractor_type": "CLIPFeatureExtractor",
          "image_mean": [0.48145466, 0.4578275, 0.40821073],
          "image_std": [0.26862954, 0.26130258, 0.27577711],
          "resample": 3, "size": 336
        }
        """;

    public const string SiglipJson = """
        {
          "do_normalize": true, "do_rescale": true, "do_resize": true,
          "image_processor_type": "SiglipImageProcessor",
          "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
          "resample": 3, "rescale_factor": 0.00392156862745098, "size": { "height": 384, "width": 384 }
        }
        """;

    public static ImageProcessorSettings Clip { get; } = Read(ClipJson);

    public static ImageProcessorSettings Siglip { get; } = Read(SiglipJson);

    public static ImageProcessorSettings Read(string json) =>
        ImageProcessorSettings.Read(ConfigJson.Parse("preprocessor_config.json", Encoding.UTF8.GetBytes(json)));

    /// <summary>
    /// The bytes the floats were made from, <c>[tiles, height, width, 3]</c>; fails where a float is not exactly what
    /// the formula gives for some byte.
    /// </summary>
    public static byte[] Denormalize(PixelValues pixels, ImageProcessorSettings settings)
    {
        int plane = pixels.Height * pixels.Width;
        byte[] bytes = new byte[pixels.Values.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            int channel = i / plane % 3;
            float mean = (float)settings.Mean[channel];
            float deviation = (float)settings.StandardDeviation[channel];
            double level = Math.Round(((pixels.Values[i] * deviation) + mean) * 255.0);
            Assert.InRange(level, 0, 255);
            float expected = ((float)(level * (1.0 / 255)) - mean) / deviation;
            if (BitConverter.SingleToInt32Bits(expected) != BitConverter.SingleToInt32Bits(pixels.Values[i]))
            {
                Assert.Fail($"Value {i} is {pixels.Values[i]:R}; the formula gives {expected:R} for byte {level}.");
            }

            int tile = i / (3 * plane);
            bytes[(((tile * plane) + (i % plane)) * 3) + channel] = (byte)level;
        }

        return bytes;
    }
}
