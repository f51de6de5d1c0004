using System.Text.Json.Nodes;
using DenseConnector.Layers;
using DenseConnector.Loading;
using static TorchSharp.torch;

namespace DenseConnector.Tests;

/// <summary>A copy of the bundled tiny model to change for one test; deleted at the end.</summary>
internal sealed class ModelCopy : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("denseconnector-model-");

    public ModelCopy()
    {
        foreach (string file in Directory.EnumerateFiles(TestData.TinyModel, "*", SearchOption.AllDirectories))
        {
            string copy = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(TestData.TinyModel, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    public string Path => _folder.FullName;

    /// <summary>The path of one of the model's files.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Sets a key of a JSON file; <c>null</c> writes a JSON null.</summary>
    public ModelCopy Set(string key, JsonNode? value, string file = "config.json")
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(PathOf(file)))!;
        json[key] = value;
        File.WriteAllText(PathOf(file), json.ToJsonString());
        return this;
    }

    /// <summary>Makes the tower's configuration a whole CLIP's, with a key of its vision part set.</summary>
    public ModelCopy WrapTower(string key, JsonNode value)
    {
        const string Tower = "vision_tower/config.json";
        JsonNode vision = JsonNode.Parse(File.ReadAllText(PathOf(Tower)))!;
        vision[key] = value;
        JsonObject whole = new() { ["model_type"] = "clip", ["vision_config"] = vision };
        File.WriteAllText(PathOf(Tower), whole.ToJsonString());
        return this;
    }

    /// <summary>Removes a key of <c>config.json</c>.</summary>
    public ModelCopy Remove(string key)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(PathOf("config.json")))!;
        json.AsObject().Remove(key);
        File.WriteAllText(PathOf("config.json"), json.ToJsonString());
        return this;
    }

    /// <summary>Stores all weights in bfloat16, at aligned places in their files.</summary>
    public ModelCopy StoreAsBFloat16()
    {
        NativeLibraries.EnsureLoaded();
        foreach (string file in Directory.GetFiles(Path, "*.safetensors", SearchOption.AllDirectories))
        {
            using Checkpoint checkpoint = Checkpoint.Open(System.IO.Path.GetDirectoryName(file)!);
            using SafetensorsWriter writer = new(
                file, [.. checkpoint.Tensors.Select(item => (item.Key, TensorType.BF16, item.Value.Entry.Shape))]);
            foreach ((string name, TensorLocation location) in checkpoint.Tensors)
            {
                using Tensor weight = checkpoint.Read(
                    name, [.. location.Entry.Shape], ScalarType.BFloat16, CPU, CancellationToken.None);
                writer.Append(weight.bytes);
            }

            writer.Complete();
        }

        return this;
    }

    /// <summary>
    /// Stores the language model's matrices in 8 or 4 bits and all else in bfloat16, at aligned places in the file.
    /// </summary>
    /// <param name="format">The format.</param>
    /// <param name="change">Changes what is written.</param>
    public ModelCopy StoreQuantized(Quantization format, Action<Dictionary<string, StoredTensor>>? change = null)
    {
        NativeLibraries.EnsureLoaded();
        Dictionary<string, StoredTensor> tensors = [];
        using (Checkpoint checkpoint = Checkpoint.Open(Path))
        using (ComputeContext compute = ComputeContext.Start(ScalarType.BFloat16, CPU))
        {
            foreach ((string name, TensorLocation location) in checkpoint.Tensors)
            {
                using Tensor weight = checkpoint.Read(
                    name, [.. location.Entry.Shape], ScalarType.BFloat16, CPU, CancellationToken.None);
                bool isHead = name == "lm_head.weight";
                if (isHead || name.EndsWith("_proj.weight", StringComparison.Ordinal) && name.Contains("model.layers"))
                {
                    using LinearWeight rounded = LayerLoading.Round(
                        weight, isHead ? Quantization.Int8 : format, compute);
                    foreach ((string stored, Tensor values) in rounded.Stored(name))
                    {
                        tensors[stored] = StoredTensor.Of(values);
                    }
                }
                else
                {
                    tensors[name] = StoredTensor.Of(weight);
                }
            }
        }

        change?.Invoke(tensors);
        using SafetensorsWriter writer = new(
            PathOf("model.safetensors"), [.. tensors.Select(item => (item.Key, item.Value.Type, item.Value.Shape))]);
        foreach (StoredTensor tensor in tensors.Values)
        {
            writer.Append(tensor.Bytes);
        }

        writer.Complete();
        return Set("quantization_config", new JsonObject
        {
            ["quant_method"] = "denseconnector",
            ["format"] = format == Quantization.Int8 ? "int8" : "int4",
        });
    }

    /// <summary>The copy as a model folder outside the catalog.</summary>
    public ModelFolder AsFolder() => new(Path, Path, null);

    /// <summary>Reads the plan.</summary>
    public ModelPlan ReadPlan(ModelOptions? options = null) =>
        ModelPlan.Read(AsFolder(), options ?? new ModelOptions());

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>A tensor of a weight file.</summary>
    internal sealed record StoredTensor(TensorType Type, IReadOnlyList<long> Shape, byte[] Bytes)
    {
        /// <summary>A tensor of numbers or of quantised integers.</summary>
        public static StoredTensor Of(Tensor values) => new(
            values.dtype switch
            {
                ScalarType.Byte => TensorType.U8,
                ScalarType.Int8 => TensorType.I8,
                ScalarType.Float32 => TensorType.F32,
                _ => TensorType.BF16,
            },
            values.shape,
            values.bytes.ToArray());
    }
}
