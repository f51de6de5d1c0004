using System.ComponentModel;
using System.Diagnostics;
using DenseConnector;

// Usage: Video FILE. ffmpeg gives a frame a second; the model sees those in the middles of four equal parts.
string frames = Directory.CreateTempSubdirectory("frames-").FullName;
try
{
    string[] words = ["-v", "error", "-i", args[0], "-vf", "fps=1", Path.Combine(frames, "%06d.png")];
    using Process ffmpeg = Process.Start("ffmpeg", words);
    await ffmpeg.WaitForExitAsync();
    string[] files = [.. Directory.GetFiles(frames).Order(StringComparer.Ordinal)];
    if (files.Length == 0)
    {
        Console.Error.WriteLine($"ffmpeg found no frames in {args[0]}.");
        return 1;
    }

    int[] chosen = [.. VideoInput.SampleFrames(files.Length, 4)];
    ImageInput[] pictures = await Task.WhenAll(chosen.Select(index => ImageInput.LoadAsync(files[index])));
    await using DenseConnectorModel model = await DenseConnectorModel.LoadAsync("dense-connector-tiny");
    Console.WriteLine(await model.GenerateAsync(new Prompt("Describe what you see.", new VideoInput(pictures))));
    return 0;
}
catch (Win32Exception)
{
    Console.Error.WriteLine("ffmpeg is missing: install it (apt-get install ffmpeg), then run this again.");
    return 3;
}
finally
{
    Directory.Delete(frames, recursive: true);
}
