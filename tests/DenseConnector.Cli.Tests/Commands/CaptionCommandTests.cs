using System.Text.Json;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests.Commands;

public sealed class CaptionCommandTests : IDisposable
{
    private static readonly string Images = Path.GetDirectoryName(ToolRun.Picture)!;

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _target = new();

    private string Target => Path.Combine(_target.Path, "captions.jsonl");

    [Fact]
    public async Task Caption_Folder_WritesWhatAskSaysInOrder()
    {
        string[] names = Add(9);

        ToolRun run = await RunAsync("--batch", "4");

        Assert.Equal(ExitCode.Success, run.ExitCode);
        JsonElement[] lines = Lines();
        Assert.Equal(names, lines.Select(line => line.GetProperty("image").GetString()));
        foreach (JsonElement line in lines)
        {
            string image = Path.Combine(_folder.Path, line.GetProperty("image").GetString()!);
            ToolRun asked = await ToolRun.RunAsync("ask", ToolRun.Question, "-i", image);
            Assert.Equal(asked.Output.TrimEnd(), line.GetProperty("text").GetString());
        }

        Assert.StartsWith("9 pictures: 9 written in ", run.Output, StringComparison.Ordinal);
        Assert.Contains("9 of 9 pictures, ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(25)]
    public async Task Caption_FileOfAnEndedRun_GoesOnToTheSameFile(int behindThirdLine)
    {
        Add(5);
        await RunAsync();
        string whole = File.ReadAllText(Target);
        int third = whole.IndexOf('\n', whole.IndexOf('\n', whole.IndexOf('\n') + 1) + 1) + 1;
        File.WriteAllText(Target, whole[..(third + behindThirdLine)]);

        ToolRun run = await RunAsync("--json");

        Assert.Equal(whole, File.ReadAllText(Target));
        JsonElement summary = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(5, summary.GetProperty("pictures").GetInt32());
        Assert.Equal(2, summary.GetProperty("written").GetInt32());
        Assert.Equal(3, summary.GetProperty("alreadyThere").GetInt32());
    }

    [Fact]
    public async Task Caption_BadFile_IsALineAndTheRunFailsAtTheEnd()
    {
        Add(2);
        _folder.Write("ex_000a.png", "no picture"u8);
        _folder.Write("notes.txt", "no picture"u8);

        ToolRun run = await RunAsync();

        Assert.Equal(ExitCode.Failure, run.ExitCode);
        JsonElement[] lines = Lines();
        Assert.Equal(3, lines.Length);
        Assert.Equal("ex_000a.png", lines[1].GetProperty("image").GetString());
        Assert.Contains("ex_000a.png: ", lines[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(lines[1].TryGetProperty("text", out _));
        Assert.Contains("1 could not be read", run.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failure, (await RunAsync()).ExitCode);
        Assert.Equal(3, Lines().Length);
    }

    [Fact]
    public async Task Caption_Recursive_FindsWhatIsInside()
    {
        string name = Add(1)[0];
        Directory.CreateDirectory(Path.Combine(_folder.Path, "a"));
        File.Copy(ToolRun.Picture, Path.Combine(_folder.Path, "a", "Z.JPG"));

        await RunAsync("--recursive");

        Assert.Equal(["a/Z.JPG", name], Lines().Select(line => line.GetProperty("image").GetString()));
    }

    [Fact]
    public async Task Caption_FileOfAnotherPrompt_IsLeftAsItIs()
    {
        Add(1);
        await RunAsync();
        string before = File.ReadAllText(Target);

        ToolRun run = await ToolRun.RunAsync("caption", _folder.Path, "-o", Target, "--prompt", "What?");

        run.FailedWith(ExitCode.Failure, "captions.jsonl: line 1 is of ", "'What?'", "Name a new file");
        Assert.Equal(before, File.ReadAllText(Target));
    }

    [Fact]
    public async Task Caption_FileOfOtherOptions_IsLeftAsItIs()
    {
        Add(1);
        string[] options = ["--temperature", "0.7", "--seed", "1", "--stop", "#"];
        await RunAsync(options);
        string before = File.ReadAllText(Target);

        ToolRun same = await RunAsync(options);
        ToolRun other = await RunAsync([.. options[..^1], "%"]);
        ToolRun turned = await RunAsync([.. options, "--apply-exif"]);

        Assert.Equal(ExitCode.Success, same.ExitCode);
        other.FailedWith(
            ExitCode.Failure, "captions.jsonl: line 1 was made with the options {", "\"%\"", "Name a new file");
        turned.FailedWith(ExitCode.Failure, "\"applyExif\":false", "\"applyExif\":true");
        Assert.Equal(before, File.ReadAllText(Target));
    }

    [Theory]
    [InlineData("{\"image\":\"a\",\"model\":\"b\",\"prompt\":\"c\"}\n")]
    [InlineData("words\n")]
    [InlineData("{\"image\":1}\n{}\n")]
    [InlineData("null\n")]
    public async Task Caption_FileOfOtherLines_IsLeftAsItIs(string text)
    {
        Add(1);
        File.WriteAllText(Target, text);

        ToolRun run = await RunAsync();

        run.FailedWith(ExitCode.Failure, "captions.jsonl: line 1 is no caption");
        Assert.Equal(text, File.ReadAllText(Target));
    }

    [Fact]
    public async Task Caption_FileThatAnotherRunWrites_SaysSo()
    {
        Add(1);
        using FileStream other = new(Target, FileMode.Create, FileAccess.Write, FileShare.None);

        (await RunAsync()).FailedWith(ExitCode.Failure, "captions.jsonl");
    }

    [Fact]
    public async Task Caption_NoSuchFolder_SaysSoBeforeLoading() =>
        (await ToolRun.RunAsync("caption", "no-such-folder", "-o", Target, "-m", "no-such-model"))
            .FailedWith(ExitCode.Failure, "no-such-folder: is no folder");

    [Fact]
    public async Task Caption_FolderWithoutPictures_TellsTheRemedy() =>
        (await RunAsync()).FailedWith(ExitCode.Failure, "has no files named *.jpg", "--recursive");

    [Fact]
    public async Task Caption_BatchOfNone_IsRefused() =>
        (await RunAsync("--batch", "0")).FailedWith(ExitCode.Usage, "--batch is 0, expected at least 1");

    public void Dispose()
    {
        _folder.Dispose();
        _target.Dispose();
    }

    private Task<ToolRun> RunAsync(params string[] options) =>
        ToolRun.RunAsync(["caption", _folder.Path, "-o", Target, "--prompt", ToolRun.Question, .. options]);

    private JsonElement[] Lines() =>
        [.. File.ReadLines(Target).Select(line => JsonDocument.Parse(line).RootElement)];

    private string[] Add(int pictures)
    {
        string[] files = [.. Directory.GetFiles(Images).Order(StringComparer.Ordinal).Take(pictures)];
        Array.ForEach(files, file => File.Copy(file, Path.Combine(_folder.Path, Path.GetFileName(file))));
        return [.. files.Select(file => Path.GetFileName(file))];
    }
}
