using System.Text.Json.Nodes;

namespace DenseConnector.Cli.Tests;

/// <summary>A copy of the bundled tiny model to change for one test; deleted at the end.</summary>
internal sealed class ModelCopy : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("denseconnector-model-");

    public ModelCopy()
    {
        foreach (string file in Directory.EnumerateFiles(ToolRun.TinyModel, "*", SearchOption.AllDirectories))
        {
            string copy = PathOf(System.IO.Path.GetRelativePath(ToolRun.TinyModel, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    public string Path => _folder.FullName;

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Sets a key of <c>config.json</c>.</summary>
    public ModelCopy Set(string key, JsonNode? value)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(PathOf("config.json")))!;
        json[key] = value;
        File.WriteAllText(PathOf("config.json"), json.ToJsonString());
        return this;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
