using DenseConnector.Cli.Synthesis;
using DenseConnector.Tests.Loading;

namespace DenseConnector.Cli.Tests;

/// <summary>
/// A tiny checkpoint of <c>tests/Fixtures/reference</c> as a user has it on the disk: beside a tokenizer, with towers
/// and, where it has one, its base model in folders of their own.
/// </summary>
internal sealed class ReferenceModel : IDisposable
{
    private const int Vocabulary = 320;

    private static readonly string Reference = Path.Combine(ToolRun.Root, "tests", "Fixtures", "reference");

    private readonly TemporaryFolder _model = new();
    private readonly TemporaryFolder _base = new();

    public ReferenceModel(string fixture, string towers = "towers")
    {
        string folder = Path.Combine(Reference, "models", fixture);
        string below = Path.Combine(folder, "base");
        bool hasBase = Directory.Exists(below);
        Copy(Directory.GetDirectories(folder).Single(inside => inside != below), _model);
        SyntheticTokenizer.WriteTo((hasBase ? _base : _model).Path, Vocabulary);
        bool isSiglip = fixture.StartsWith("siglip", StringComparison.Ordinal);
        Options = new ModelOptions
        {
            PromptTemplate = "vicuna_v1",
            VisionTower = Path.Combine(
                Reference, towers, isSiglip ? "google/siglip-so400m-patch14-384" : "openai/clip-vit-large-patch14-336"),
        };
        if (hasBase)
        {
            Copy(below, _base);
            Options = Options with { BaseModel = _base.Path };
        }

        if (fixture.StartsWith("mgm", StringComparison.Ordinal))
        {
            Options = Options with
            {
                AuxiliaryVisionTower = Path.Combine(
                    Reference, towers, "OpenAI", "openclip-convnext-large-d-320-laion2B-s29B-b131K-ft-soup"),
            };
        }
    }

    /// <summary>The checkpoint's folder.</summary>
    public string Folder => _model.Path;

    /// <summary>Where the other parts lie.</summary>
    public ModelOptions Options { get; }

    /// <summary><see cref="Options"/> as the tool takes them.</summary>
    public IEnumerable<string> Words
    {
        get
        {
            yield return "--vision-tower";
            yield return Options.VisionTower!;
            yield return "--template";
            yield return Options.PromptTemplate!;
            if (Options.BaseModel is string below)
            {
                yield return "--base-model";
                yield return below;
            }

            if (Options.AuxiliaryVisionTower is string auxiliary)
            {
                yield return "--auxiliary-vision-tower";
                yield return auxiliary;
            }
        }
    }

    public void Dispose()
    {
        _model.Dispose();
        _base.Dispose();
    }

    private static void Copy(string from, TemporaryFolder to)
    {
        foreach (string file in Directory.GetFiles(from))
        {
            to.Write(Path.GetFileName(file), File.ReadAllBytes(file));
        }
    }
}
