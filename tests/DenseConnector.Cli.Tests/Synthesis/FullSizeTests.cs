using System.Text;
using DenseConnector.Catalog;
using DenseConnector.Cli.Synthesis;
using DenseConnector.Decoders;
using DenseConnector.Layers;
using DenseConnector.Loading;
using DenseConnector.Tests.Loading;
using TorchSharp;
using static DenseConnector.Cli.Tests.Synthesis.PublishedTensors;
using static TorchSharp.torch;

namespace DenseConnector.Cli.Tests.Synthesis;

/// <summary>
/// Every full-size model of the catalog is built on the meta device from files that hold the published tensors' names
/// and shapes and, where their values would be, holes.
/// </summary>
public sealed class FullSizeTests
{
    private static readonly Dictionary<string, (long Parameters, Func<IEnumerable<Published>> Tensors)> Decoders = new()
    {
        ["vicuna-7b"] = (6_738_415_616, () => Llama(4096, 11008, 32, 32, 32, 32000)),
        ["vicuna-13b"] = (13_015_864_320, () => Llama(5120, 13824, 40, 40, 40, 32000)),
        ["llama-3-8b"] = (8_030_261_248, () => Llama(4096, 14336, 32, 32, 8, 128256)),
        ["llama-3-70b"] = (70_553_706_496, () => Llama(8192, 28672, 80, 64, 8, 128256)),
        ["yi-34b"] = (34_388_917_248, () => Llama(7168, 20480, 60, 56, 8, 64000)),
        ["phi-2"] = (2_779_683_840, () => Phi(2560, 10240, 32, 51200)),
    };

    private static readonly Dictionary<string, (long Width, long Parameters, Func<IEnumerable<Published>> Tensors)>
        Towers = new()
        {
            ["openai/clip-vit-large-patch14-336"] = (1024, 303_507_456, Clip),
            ["google/siglip-so400m-patch14-384"] = (1152, 428_225_600, Siglip),
        };

    public static TheoryData<string, bool> Rows
    {
        get
        {
            TheoryData<string, bool> rows = [];
            foreach (CatalogEntry entry in ModelCatalog.Entries.Where(entry => entry.Name != "dense-connector-tiny"))
            {
                rows.Add(entry.Name, false);
                rows.Add(entry.Name, true);
            }

            return rows;
        }
    }

    [Fact]
    public void PublishedTensors_HaveThePublishedNumbersOfParameters()
    {
        Assert.All(Decoders.Values, decoder => Assert.Equal(decoder.Parameters, Count(decoder.Tensors())));
        Assert.All(Towers.Values, tower => Assert.Equal(tower.Parameters, Count(tower.Tensors())));

        // convnext_large has 197,767,336 with a head of 1000 classes and its norm.
        Assert.Equal(197_767_336 - (1536 * 1000) - 1000 - (2 * 1536), Count(ConvNext()));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Assemble_CatalogRow_ReadsEachTensorOnceAndLeavesNone(string name, bool towersInside)
    {
        CatalogEntry entry = ModelCatalog.Find(name)!;
        using TemporaryFolder folder = new();
        Blueprint.Of(entry)!.WriteTo(folder.Path);
        ModelPlan plan = ModelPlan.Read(new ModelFolder(name, folder.Path, entry), new ModelOptions());
        WriteFiles(plan, entry, towersInside);
        NativeLibraries.EnsureLoaded();
        long memory = Environment.WorkingSet;

        // The official loader's choice of towers is not what is tested here; each place is.
        using Checkpoint model = Checkpoint.Open(folder.Path);
        using Checkpoint? tower = towersInside ? null : Checkpoint.Open(plan.TowerFolder);
        using Checkpoint? detail =
            towersInside || plan.Auxiliary is null ? null : Checkpoint.Open(plan.Auxiliary.TowerFolder!);
        CountingSource[] sources =
            [.. new[] { model, tower, detail }.OfType<Checkpoint>().Select(files => new CountingSource(files))];
        CountingSource? SourceOf(Checkpoint? files) => sources.FirstOrDefault(source => source.Files == files);
        using ModelParts parts = new ModelAssembly(
                plan, new ComputeContext(ScalarType.BFloat16, META), Quantization.None, CancellationToken.None)
            .Assemble(SourceOf(model)!, SourceOf(tower), SourceOf(detail));

        Assert.All(sources, source => source.Files.ThrowIfIncomplete());
        Assert.All(sources.SelectMany(source => source.Reads), read => Assert.Equal(1, read.Value));
        Tensor[] weights = [.. parts.Visuals.parameters(), .. parts.Decoder.parameters()];
        Assert.Equal(entry.Parameters, weights.Sum(weight => weight.numel()));
        Assert.Equal(
            parts.Decoder.modules().OfType<LinearWeight>().Sum(weight => weight.Count),
            new DecoderMatrices(plan.Config.Decoder).Count);
        Assert.All(weights, weight => Assert.Equal(DeviceType.META, weight.device_type));
        Assert.InRange(Environment.WorkingSet - memory, long.MinValue, 1 << 30);
    }

    [Fact]
    public void Assemble_OneLayerMore_IsFound()
    {
        CatalogEntry entry = ModelCatalog.Find("dense-connector-v1.5-7b")!;
        using TemporaryFolder folder = new();
        Blueprint.Of(entry)!.WriteTo(folder.Path);
        ModelPlan plan = ModelPlan.Read(new ModelFolder(entry.Name, folder.Path, entry), new ModelOptions());
        IEnumerable<Published> spoiled = Llama(4096, 11008, 33, 32, 32, 32000)
            .Select(tensor => tensor.Name == "model.norm.weight" ? new Published(tensor.Name, 4097) : tensor)
            .Where(tensor => tensor.Name != "lm_head.weight");
        WriteSparse(folder.Path, [.. spoiled, .. Projector(3 * 1152, 4096)]);
        WriteSparse(plan.TowerFolder, Siglip());
        NativeLibraries.EnsureLoaded();
        using ModelBuilder builder = new(plan, VisionWeights.Separate);

        CheckpointException e = Assert.Throws<CheckpointException>(
            () => builder.Check(ScalarType.BFloat16, CancellationToken.None));

        Assert.Contains("'lm_head.weight' [32000, 4096]", e.Message, StringComparison.Ordinal);
        Assert.Contains("'model.norm.weight' has shape [4097], expected [4096]", e.Message, StringComparison.Ordinal);
        Assert.Contains("9 not expected by this model", e.Message, StringComparison.Ordinal);
    }

    private static void WriteFiles(ModelPlan plan, CatalogEntry entry, bool towersInside)
    {
        (long width, _, Func<IEnumerable<Published>> tower) = Towers[entry.Vision];
        bool siglip = width == 1152;
        bool triple = entry.Connector is "sci" or "dci";
        long hidden = plan.Config.Decoder.HiddenSize;
        List<Published> model =
        [
            .. Decoders[entry.Decoder].Tensors(), .. Projector(triple ? 3 * width : width, hidden),
            .. plan.Auxiliary is null ? [] : Mining(),
            .. entry.Layout == "anyres" ? [new("model.image_newline", hidden)] : Array.Empty<Published>(),
        ];
        if (towersInside)
        {
            // The official code saves SigLIP without what it has deleted, and CLIP whole.
            model.AddRange((siglip ? SiglipTrunk(26) : tower())
                .Select(tensor => tensor with { Name = "model.vision_tower.vision_tower." + tensor.Name }));
            model.AddRange(plan.Auxiliary is null ? [] : ConvNext().Select(tensor => tensor with
            {
                Name = tensor.Name.Replace("visual.trunk.", "model.vision_tower_aux.vision_", StringComparison.Ordinal),
            }));
        }
        else
        {
            WriteSparse(plan.TowerFolder, [.. tower(), .. TextTower()]);
            if (plan.Auxiliary is not null)
            {
                WriteSparse(plan.Auxiliary.TowerFolder!, [.. ConvNext(), .. ConvNextRest()]);
            }
        }

        WriteSparse(plan.Folder.Path, model);
    }

    /// <summary>Writes a safetensors file whose data is a hole that takes no room on the disk.</summary>
    private static void WriteSparse(string folder, IEnumerable<Published> tensors)
    {
        long position = 0;
        List<string> entries = [];
        foreach ((string name, long[] shape) in tensors)
        {
            long end = position + (2 * Count(shape));
            entries.Add(SafetensorsBytes.Entry(name, "BF16", $"[{string.Join(',', shape)}]", position, end));
            position = end;
        }

        byte[] header = Encoding.UTF8.GetBytes($"{{{string.Join(',', entries)}}}");
        using FileStream file = File.Create(Path.Combine(folder, "model.safetensors"));
        file.Write(SafetensorsBytes.Of(header, []));
        file.SetLength(file.Length + position);
    }

    private static long Count(IEnumerable<Published> tensors) => tensors.Sum(tensor => Count(tensor.Shape));

    private static long Count(long[] shape) => shape.Aggregate(1L, (product, length) => product * length);

    /// <summary>Hands requests on to a checkpoint and counts how often each tensor is read.</summary>
    private sealed class CountingSource(Checkpoint files) : WeightSource
    {
        public Checkpoint Files => files;

        public Dictionary<string, int> Reads { get; } = [];

        public override Tensor Read(
            string name, ReadOnlySpan<long> shape, ScalarType type, Device device, CancellationToken cancellation)
        {
            Reads[name] = Reads.GetValueOrDefault(name) + 1;
            return files.Read(name, shape, type, device, cancellation);
        }

        public override void Ignore(string prefix) => files.Ignore(prefix);

        public override IReadOnlyList<long>? ShapeOf(string name) => files.ShapeOf(name);

        public override bool Any(string prefix) => files.Any(prefix);
    }
}
