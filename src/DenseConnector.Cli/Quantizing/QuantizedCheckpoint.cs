using System.Text.Json;
using DenseConnector.Configuration;
using DenseConnector.Hub;
using DenseConnector.Imaging;
using DenseConnector.Loading;
using TorchSharp;

namespace DenseConnector.Cli.Quantizing;

/// <summary>
/// Writes a model with the matrices of its language model in 8 or 4 bits, as one folder that needs no other: what lay
/// in a base model, an adapter or a tower's folder is in it.
/// </summary>
/// <remarks>
/// <c>config.json</c> comes last: a folder that something broke off in is no model. Weights the model does not use are
/// left out.
/// </remarks>
internal sealed class QuantizedCheckpoint
{
    private const string TowerFolder = "vision_tower";
    private const long ShardBytes = 5_000_000_000;

    private readonly ModelPlan _plan;
    private readonly TextPlan _text;
    private readonly ModelOptions _options;
    private readonly Quantization _format;
    private readonly Action<long, long> _progress;
    private long _written;

    /// <summary>Prepares to write.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="text">Its text side.</param>
    /// <param name="options">
    /// Which files it is read from, and as <see cref="ModelOptions.Precision"/> the format in which its other weights
    /// are stored.
    /// </param>
    /// <param name="format">The format of the matrices.</param>
    /// <param name="progress">Told the bytes written and the bytes of all.</param>
    /// <exception cref="ModelConfigException">The model is quantised already.</exception>
    public QuantizedCheckpoint(
        ModelPlan plan, TextPlan text, ModelOptions options, Quantization format, Action<long, long> progress)
    {
        _plan = plan.Config.Quantization == Quantization.None ? plan : throw new ModelConfigException(
            Path.Combine(plan.Folder.Path, ConfigReader.FileName),
            $"'{ConfigReader.QuantizationKey}' says that the matrices are in {plan.Config.Quantization} already; " +
            "rounded again they would lose more. Take the checkpoint that this one was made from.",
            ConfigReader.QuantizationKey);
        _text = text;
        _options = options;
        _format = format;
        _progress = progress;
    }

    /// <summary>Whether the tower is described in a folder of its own.</summary>
    private bool HasOwnTower => Path.GetFullPath(_plan.TowerFolder) != Path.GetFullPath(_plan.Folder.Path);

    /// <summary>Writes all files into an empty folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="cancellation">Ends it; <c>config.json</c> is then missing.</param>
    /// <returns>The bytes of all weights.</returns>
    /// <exception cref="CheckpointException">The model's weights are missing, damaged or do not fit it.</exception>
    /// <exception cref="ArgumentException">Nothing is computed in that precision with quantised weights.</exception>
    /// <exception cref="IOException">The disk is full, or takes no files of this length.</exception>
    public long Write(string folder, CancellationToken cancellation)
    {
        byte[] config = MakeConfig();
        NativeLibraries.EnsureLoaded();
        using IDisposable inference = torch.inference_mode();

        // Each weight is read once: mapped pages would only crowd the memory out.
        using ModelBuilder builder = new(_plan, _options.VisionWeights, MemoryMap.Never);
        torch.ScalarType type = builder.Resolve(_options.Precision, torch.CPU, _format);
        builder.Check(type, cancellation).Dispose();
        using QuantizedWeights weights = new(_plan, builder.Weights, _format, type, cancellation);
        long total = weights.Tensors.Sum(tensor => SafetensorsWriter.ByteLength(tensor.Type, tensor.Shape));
        ShardedWeights.RequireRoom(folder, total);
        try
        {
            ShardedWeights.Write(folder, weights.Tensors, ShardBytes, (writer, name) =>
            {
                using torch.Tensor values = weights.Take(name, cancellation);
                Append(writer, values, total, cancellation);
            });
            CopyOtherFiles(folder);
            File.WriteAllBytes(Path.Combine(folder, ConfigReader.FileName), config);
            return total;
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            // So .NET says that a file is longer than its file system has any, 4 GB on many a stick.
            string cause = e is IOException ? e.Message.TrimEnd('.') : "its file system takes no file so long";
            throw new IOException($"{folder}: cannot be written ({cause}). Make room, or choose another disk.", e);
        }
    }

    private unsafe void Append(
        SafetensorsWriter writer, torch.Tensor values, long total, CancellationToken cancellation)
    {
        const int Part = 4 << 20;
        byte* first = (byte*)TensorRows.Address(values);
        long length = values.numel() * values.element_size();
        for (long start = 0; start < length; start += Part)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = (int)Math.Min(Part, length - start);
            writer.Append(new ReadOnlySpan<byte>(first + start, count));
            _written += count;
            _progress(_written, total);
        }
    }

    /// <summary>The configuration with what the folder needs to stand alone; all other keys are kept.</summary>
    private byte[] MakeConfig()
    {
        Dictionary<string, string> own = new()
        {
            [ConfigReader.QuantizationKey] = JsonSerializer.Serialize(new
            {
                quant_method = ConfigReader.QuantizationMethod,
                format = _format == Quantization.Int8 ? "int8" : "int4",
            }),
            [ConfigReader.TemplateKey] = JsonSerializer.Serialize(_text.Template.Name),
        };
        if (HasOwnTower)
        {
            own[ConfigReader.TowerKey] = JsonSerializer.Serialize(TowerFolder);
        }

        ConfigJson config = ConfigJson.Load(Path.Combine(_plan.Folder.Path, ConfigReader.FileName));
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            foreach (string key in config.Keys.Union(own.Keys))
            {
                // As the file spells it: what this program does not read it does not judge either.
                writer.WritePropertyName(key);
                writer.WriteRawValue(own.GetValueOrDefault(key) ?? config.Raw(key)?.GetRawText() ?? "null");
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private void CopyOtherFiles(string folder)
    {
        CopyFiles(_options.BaseModel ?? _plan.Folder.Path, folder, HubSelection.TextFiles);
        CopyFiles(_plan.Folder.Path, folder, [ImageProcessorSettings.FileName]);
        if (HasOwnTower)
        {
            string tower = Directory.CreateDirectory(Path.Combine(folder, TowerFolder)).FullName;
            CopyFiles(_plan.TowerFolder, tower, [ConfigReader.FileName, ImageProcessorSettings.FileName]);
        }
    }

    private static void CopyFiles(string from, string to, IEnumerable<string> names)
    {
        foreach (string name in names.Where(name => File.Exists(Path.Combine(from, name))))
        {
            File.Copy(Path.Combine(from, name), Path.Combine(to, name));
        }
    }
}
